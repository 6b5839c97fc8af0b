# The image of the controller: docker build -t localhost/rollback-controller:0.1.0 .
FROM debian:bookworm-slim AS build
WORKDIR /source
COPY hack/packages.txt hack/packages.txt
RUN apt-get update && apt-get install --yes --no-install-recommends $(cat hack/packages.txt)
COPY . .
RUN cmake --preset release && cmake --build --preset release --target rollback-controller && hack/image-root.sh /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/rollback-controller"]
