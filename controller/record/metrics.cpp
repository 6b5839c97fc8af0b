#include "record/metrics.hpp"

#include <prometheus/text_serializer.h>

namespace record {

Metrics::Metrics(const std::string& version, const std::string& api_host)
    : api_host_(api_host),
      work_(registry_),
      policies_(registry_),
      requests_(prometheus::BuildCounter()
                    .Name("rest_client_requests_total")
                    .Help("Number of HTTP requests, partitioned by status code, method, and host.")
                    .Register(registry_)),
      leader_(prometheus::BuildGauge()
                  .Name("leader_election_master_status")
                  .Help("1 if this process is the leader and may write, 0 if it stands by")
                  .Register(registry_)
                  .Add({{"name", "rollback-controller"}})) {
  prometheus::BuildGauge()
      .Name("rollback_controller_build_info")
      .Help("Always 1; the label says which version runs")
      .Register(registry_)
      .Add({{"version", version}})
      .Set(1);
}

void Metrics::requested(std::string_view method, int code) {
  const std::string answer = code == 0 ? "<error>" : std::to_string(code);  // as client-go has it
  requests_.Add({{"code", answer}, {"method", std::string(method)}, {"host", api_host_}}).Increment();
}

void Metrics::leading(bool leads) { leader_.Set(leads ? 1 : 0); }

std::string Metrics::scrape() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

}  // namespace record
