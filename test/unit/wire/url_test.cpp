#include "wire/url.hpp"

#include "support.hpp"

namespace wire::unit {
namespace {

TEST(Url, NamesEveryFormOfAPath) {
  EXPECT_EQ(collection_path({kPods, "shop"}).value(), "/api/v1/namespaces/shop/pods");
  EXPECT_EQ(collection_path({kDeployments, ""}).value(), "/apis/apps/v1/deployments");
  EXPECT_EQ(object_path({kNodes, "", "node-1", "", {}}).value(), "/api/v1/nodes/node-1");
  EXPECT_EQ(object_path({kPolicies, "shop", "web", "status", {}}).value(),
            "/apis/rollback.riptide.dev/v1alpha1/namespaces/shop/rollbackpolicies/web/status");
}

TEST(Url, EscapesWhatIsNotPlain) {
  EXPECT_EQ(object_path({kPods, "shop", "a b?c#d&e+f", "", {}}).value(), "/api/v1/namespaces/shop/pods/a%20b%3Fc%23d%26e%2Bf");
  EXPECT_EQ(object_path({kPods, "shop", "gr\xc3\xbc\xc3\x9f", "", {}}).value(), "/api/v1/namespaces/shop/pods/gr%C3%BC%C3%9F");
  EXPECT_EQ(query_text({}), "");
  EXPECT_EQ(query_text({{"labelSelector", "a=b,c!=d"}, {"continue", "x/y=="}}),
            "?labelSelector=a%3Db%2Cc%21%3Dd&continue=x%2Fy%3D%3D");
}

class Escape : public testing::TestWithParam<const char*> {};

// Whatever stands in a policy, no request may leave its namespace or kind.
TEST_P(Escape, IsRefusedWhereverItStands) {
  const std::string bad = GetParam();
  EXPECT_THAT(object_path({kPods, "shop", bad, "", {}}), Fails(Fault::Invalid));
  if (!bad.empty()) {
    EXPECT_THAT(collection_path({kPods, bad}), Fails(Fault::Invalid));
    EXPECT_THAT(object_path({kPods, bad, "web", "", {}}), Fails(Fault::Invalid));
    EXPECT_THAT(object_path({kPods, "shop", "web", bad, {}}), Fails(Fault::Invalid));
  }
}
INSTANTIATE_TEST_SUITE_P(Url, Escape,
                         testing::Values("", ".", "..", "../other", "a/b", "/", "%2e%2e", "a%2Fb", "a\nb", "a\rb", "a\x7f"));

TEST(Url, RefusesNamesLongerThanAnyObjectHas) {
  EXPECT_TRUE(object_path({kPods, "shop", std::string(253, 'a'), "", {}}));
  EXPECT_THAT(object_path({kPods, "shop", std::string(254, 'a'), "", {}}), Fails(Fault::Invalid));
}

TEST(Url, SpeaksOfObjectsForMessages) {
  EXPECT_EQ(spoken("patch", Ref{kPods, "shop", "web", "", {}}), "patch pods shop/web");
  EXPECT_EQ(spoken("get", Ref{kNodes, "", "node-1", "", {}}), "get nodes node-1");
  EXPECT_EQ(spoken("patch", Ref{kPods, "shop", "web", "status", {}}), "patch pods/status shop/web");
  EXPECT_EQ(spoken("list", Collection{kPods, ""}), "list pods in all namespaces");
}

}  // namespace
}  // namespace wire::unit
