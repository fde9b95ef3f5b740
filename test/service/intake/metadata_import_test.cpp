#include "service/intake/metadata_import.hpp"

#include <gtest/gtest.h>

#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

const UtcTime now = from_unix_s(1'800'000'000);

class MetadataImport : public testing::Test {
protected:
    // What was changed; it is written.
    std::size_t import(const std::vector<ImportItem>& items) {
        auto plan = plan_import(store_, items, now);
        EXPECT_TRUE(plan);
        EXPECT_EQ(plan->changed_count + plan->unchanged_count, items.size());
        ops_count_ = plan->ops.size();
        EXPECT_TRUE(store_.commit(plan->ops, now));
        return plan->changed_count;
    }

    CallMetadata known(const std::string& call_id) {
        const MetadataKey key{call_id, "", ""};
        return store_.own_metadata({&key, 1}).value().front();
    }

    static ImportedCall call(std::string id, CallMetadata metadata) {
        return {std::move(id), std::move(metadata)};
    }
    static CallMetadata named(std::string name) {
        CallMetadata metadata;
        metadata.name = std::move(name);
        return metadata;
    }
    static CallMetadata of_campaign(std::string id) {
        CallMetadata metadata;
        metadata.campaign_id = std::move(id);
        return metadata;
    }

    MemoryStore store_;
    std::size_t ops_count_ = 0;
};

TEST_F(MetadataImport, changes_nothing_the_second_time) {
    const std::vector<ImportItem> items = {call("CA1", named("Ada")), Campaign{"c1", "Spring", "d"},
                                           Contact{"+1", "Grace"}};
    EXPECT_EQ(import(items), 3U);
    EXPECT_EQ(import(items), 0U);
    EXPECT_EQ(ops_count_, 0U);
}

TEST_F(MetadataImport, a_word_that_is_no_value_says_nothing) {
    import({call("CA1", named("Ada\x01")), Campaign{"c1", "Spring\x1b[0m", "null"}, Contact {
                "+1",
                "Grace"
            }});
    EXPECT_EQ(known("CA1").name, "Ada");
    EXPECT_EQ(import({call("CA1", named("null")), Campaign{"c1", "undefined", "None"},
                      Contact{"+1", "{{name}}"}}),
              0U);
    import({call("CA1", of_campaign("c1"))});
    EXPECT_EQ(known("CA1").name, "Ada");
    EXPECT_EQ(known("CA1").campaign_name, "Spring");
    EXPECT_EQ(known("CA1").campaign_description, "");
}

TEST_F(MetadataImport, keeps_what_the_file_does_not_say) {
    import({call("CA1", named("Ada"))});
    import({call("CA1", of_campaign("c1"))});
    EXPECT_EQ(known("CA1").name, "Ada");
    EXPECT_EQ(known("CA1").campaign_id, "c1");
    import({Campaign { "c1", "Spring", "" }});
    import({Campaign { "c1", "", "Offers" }});
    EXPECT_EQ(known("CA1").campaign_name, "Spring");
    EXPECT_EQ(known("CA1").campaign_description, "Offers");
}

TEST_F(MetadataImport, does_not_freeze_the_name_of_a_campaign_or_contact) {
    CallMetadata metadata = of_campaign("c1");
    metadata.to = "+1";
    import({Campaign{"c1", "Spring", "d"}, Contact{"+1", "Grace"}, call("CA1", metadata)});
    import({call("CA1", named("Ada"))});
    import({Campaign{"c1", "Summer", "e"}, Contact { "+1", "Grace Hopper" }});
    EXPECT_EQ(known("CA1").campaign_name, "Summer");
    EXPECT_EQ(known("CA1").campaign_description, "e");
    EXPECT_EQ(known("CA1").contact_name, "Grace Hopper");
}

TEST_F(MetadataImport, a_contact_keeps_its_name_and_campaign_and_gives_them_to_no_call_for_good) {
    CallMetadata metadata;
    metadata.to = "+1";
    EXPECT_EQ(import({Contact{"+1", "Grace", "c1"}, call("CA1", metadata)}), 2U);
    EXPECT_EQ(import({Contact{"+1", "", "c1"}, Contact{"+1", "Grace", ""}}), 0U);
    EXPECT_EQ(known("CA1").campaign_name, "c1");
    EXPECT_EQ(import({call("CA1", named("Ada"))}), 1U);
    EXPECT_EQ(import({Contact{"+1", "", "c2"}}), 1U);
    EXPECT_EQ(known("CA1").campaign_name, "c2");
    EXPECT_EQ(known("CA1").contact_name, "Grace");
    EXPECT_EQ(import({call("CA1", of_campaign("c2"))}), 1U);
    EXPECT_EQ(import({Contact{"+1", "", "c3"}}), 1U);
    EXPECT_EQ(known("CA1").campaign_id, "c2");
}

TEST_F(MetadataImport, another_campaign_comes_with_its_own_name) {
    CallMetadata metadata = of_campaign("c1");
    metadata.campaign_name = "Given by hand";
    import({call("CA1", metadata), Campaign { "c2", "Two", "" }});
    EXPECT_EQ(import({call("CA1", of_campaign("c2"))}), 1U);
    EXPECT_EQ(known("CA1").campaign_name, "Two");
}

TEST_F(MetadataImport, a_campaign_name_that_the_campaign_has_anyway_changes_nothing) {
    CallMetadata metadata = of_campaign("c1");
    import({Campaign{"c1", "Spring", ""}, call("CA1", metadata)});
    metadata.campaign_name = "Spring";
    EXPECT_EQ(import({call("CA1", metadata)}), 0U);
}

TEST_F(MetadataImport, several_lines_of_one_call_make_one_operation) {
    EXPECT_EQ(import({call("CA1", named("Ada")), call("CA1", of_campaign("c1")),
                      call("CA1", named("Grace")), call("CA1", named("Grace"))}),
              3U);
    EXPECT_EQ(ops_count_, 1U);
    EXPECT_EQ(known("CA1").name, "Grace");
    EXPECT_EQ(known("CA1").campaign_id, "c1");
}

TEST_F(MetadataImport, finds_campaigns_among_many) {
    std::vector<ImportItem> items;
    for (int i = 0; i < 2500; ++i) items.push_back(Campaign{"c" + std::to_string(i), "n", ""});
    EXPECT_EQ(import(items), 2500U);
    EXPECT_EQ(import(items), 0U);
    EXPECT_EQ(import({Campaign{"c2499", "m", ""}, Campaign{"c1", "n", ""}}), 1U);
}

TEST_F(MetadataImport, a_number_is_the_same_however_it_is_written) {
    import({Contact { "+49 151 1", "Ada" }});
    EXPECT_EQ(import({Contact{"0049-151-1", "Ada"}}), 0U);
}

TEST_F(MetadataImport, a_conversation_stands_for_its_call) {
    NewEvent event;
    event.kind = EventKind::twilio_status;
    event.call_sid = "CA1";
    event.conversation_id = "conv_1";
    event.received_at = now;
    event.due_at = now;
    event.dedup_key = "k";
    event.payload = "{}";
    const StoreOp append = AppendEvent{event};
    ASSERT_TRUE(store_.commit({&append, 1}, now));
    import({call("conv_1", named("Ada"))});
    EXPECT_EQ(known("CA1").name, "Ada");
    EXPECT_EQ(import({call("CA1", named("Ada"))}), 0U);
}

}  // namespace
}  // namespace wrapup
