#include "http/api/delivery_routes.hpp"

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

using DeliveryRoutesTest = FrontTest;

TEST_F(DeliveryRoutesTest, deliveries_are_listed_and_wrong_filters_refused) {
    serve();
    EXPECT_EQ(api_get("/api/deliveries?state=parked&parked=rejected&destination=crm&http_status=422"
                      "&fingerprint=0123456789abcdef&after=2026-11-20&limit=1")
                  .status,
              200);
    EXPECT_EQ(api_get("/api/failures").body, R"({"failures":[],"more":false})");
    for (const char* const wrong :
         {"state=open", "parked=late", "http_status=ok", "fingerprint=xyz", "after=soon", "limit=0",
          "colour=red", "state=parked&state=parked", "destination=", "cursor=nonsense"}) {
        EXPECT_EQ(api_get("/api/deliveries?" + std::string(wrong)).status, 400) << wrong;
    }
}

}  // namespace
}  // namespace wrapup
