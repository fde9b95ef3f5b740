#pragma once

// Store conformance: the do-not-call list. Included by test/store_conformance.hpp.

namespace wrapup {

TEST_P(StoreConformance, a_number_stays_on_the_do_not_call_list_as_it_was_first_put_there) {
    EXPECT_FALSE(*store->is_do_not_call("+61413052898"));
    EXPECT_TRUE(commit_one(PutDoNotCall{{{"0061 413 052 898", "asked by letter", "api", t0}}}));
    EXPECT_TRUE(commit_one(PutDoNotCall{{{"+61413052898", "again", "import", t0 + lease}}}));
    EXPECT_TRUE(*store->is_do_not_call("+61413052898"));
    EXPECT_TRUE(*store->is_do_not_call("+61 413 052 898"));
    EXPECT_EQ(*store->list_do_not_call("", 5),
              (std::vector<DoNotCall>{{"+61413052898", "asked by letter", "api", t0}}));
    const PutDoNotCall spoilt{{{"+2", "", "api", t0}, {" ", "", "api", t0}}};
    EXPECT_EQ(commit_one(spoilt).error().code, Errc::invalid_input);
    EXPECT_FALSE(*store->is_do_not_call("+2"));
}

TEST_P(StoreConformance, a_number_comes_off_the_do_not_call_list) {
    EXPECT_EQ(commit_one(DropDoNotCall{"+1"}).error().code, Errc::not_found);
    EXPECT_TRUE(commit_one(PutDoNotCall{{{"+1", "one", "api", t0}}}));
    EXPECT_TRUE(commit_one(DropDoNotCall{"+ 1"}));
    EXPECT_FALSE(*store->is_do_not_call("+1"));
    EXPECT_EQ(commit_one(DropDoNotCall{"+1"}).error().code, Errc::not_found);
}

TEST_P(StoreConformance, in_one_batch_the_last_word_on_a_number_counts) {
    const std::vector<StoreOp> ops{PutDoNotCall{{{"+1", "one", "api", t0}}}, DropDoNotCall{"+1"},
                                   PutDoNotCall{{{"+1", "two", "api", t0}}},
                                   PutDoNotCall{{{"+2", "", "api", t0}}}, DropDoNotCall{"+2"}};
    ASSERT_TRUE(store->commit(ops, t0));
    EXPECT_EQ(*store->list_do_not_call("", 5), (std::vector<DoNotCall>{{"+1", "two", "api", t0}}));
    const std::vector<StoreOp> again{DropDoNotCall{"+1"},
                                     PutDoNotCall{{{"+1", "three", "api", t0}}}};
    ASSERT_TRUE(store->commit(again, t0));
    EXPECT_EQ(store->list_do_not_call("", 5)->front().reason, "three");
}

TEST_P(StoreConformance, the_do_not_call_list_is_paged) {
    for (const char* phone : {"+3", "+1", "+2"}) {
        EXPECT_TRUE(commit_one(PutDoNotCall{{{phone, "", "api", t0}}}));
    }
    const auto first = *store->list_do_not_call("", 2);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].phone, "+1");
    EXPECT_EQ(first[1].phone, "+2");
    const auto second = *store->list_do_not_call("+2", 2);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second[0].phone, "+3");
}

TEST_P(StoreConformance, who_opts_out_in_a_call_is_listed_with_the_event) {
    NewEvent event = word_of("conv_1", "k1", "CA1");
    event.to = "+61413052898";
    event.opts_out = true;
    EXPECT_TRUE(commit_one(AppendEvent{event}));
    EXPECT_EQ(*store->list_do_not_call("", 5),
              (std::vector<DoNotCall>{{"+61413052898", "said so to the agent", "CA1", t0}}));
    EXPECT_TRUE(commit_one(DropDoNotCall{"+61413052898"}));
    EXPECT_TRUE(commit_one(AppendEvent{event}));  // A repeat says nothing new.
    EXPECT_FALSE(*store->is_do_not_call("+61413052898"));
}

TEST_P(StoreConformance, an_opt_out_without_a_number_takes_the_calls) {
    NewEvent status = event_of("CA1", "k1");
    status.to = "+61413052898";
    EXPECT_TRUE(commit_one(AppendEvent{status}));
    NewEvent word = word_of("conv_1", "k2", "CA1");
    word.opts_out = true;
    EXPECT_TRUE(commit_one(AppendEvent{word}));
    EXPECT_TRUE(*store->is_do_not_call("+61413052898"));

    CallMetadata metadata;
    metadata.to = "+61400000001";
    EXPECT_TRUE(commit_one(PutMetadata{"CA2", metadata, t0}));
    NewEvent unnumbered = word_of("conv_2", "k3", "CA2");
    unnumbered.opts_out = true;
    EXPECT_TRUE(commit_one(AppendEvent{unnumbered}));
    EXPECT_TRUE(*store->is_do_not_call("+61400000001"));
}

inline NewEvent opt_out_of(const std::string& conversation_id, const std::string& call_sid = {}) {
    NewEvent event = word_of(conversation_id, "opt-out", call_sid);
    event.opts_out = true;
    return event;
}

TEST_P(StoreConformance, an_opt_out_waits_for_the_calls_number) {
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_1", "CA1")}));
    EXPECT_TRUE(store->list_do_not_call("", 5)->empty());
    NewEvent unreadable = event_of("CA1", "k1");
    unreadable.to = "413";
    EXPECT_TRUE(commit_one(AppendEvent{unreadable}));
    EXPECT_TRUE(store->list_do_not_call("", 5)->empty());
    NewEvent status = event_of("CA1", "k2");
    status.received_at = t0 + lease;
    status.to = "+61413052898";
    EXPECT_TRUE(commit_one(AppendEvent{status}));
    EXPECT_EQ(*store->list_do_not_call("", 5),
              (std::vector<DoNotCall>{{"+61413052898", "said so to the agent", "CA1", t0}}));
    EXPECT_TRUE(commit_one(DropDoNotCall{"+61413052898"}));
    status.dedup_key = "k3";
    EXPECT_TRUE(commit_one(AppendEvent{status}));  // It was listed, and taken off since.
    EXPECT_FALSE(*store->is_do_not_call("+61413052898"));
}

TEST_P(StoreConformance, an_opt_out_takes_the_number_that_the_settler_finds) {
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_1", "CA1")}));
    SettleCall op = answer_to(claim("CA1"));
    op.events.push_back(event_of("CA1", "rest"));
    op.events.back().to = "+61413052898";
    op.then = SettleCall::Reschedule{t0 + lease};
    settle(op, t0);
    EXPECT_TRUE(*store->is_do_not_call("+61413052898"));

    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_2", "CA2")}));
    op = answer_to(claim("CA2"));
    op.to = "+61400000001";
    op.then = SettleCall::Reschedule{t0 + lease};
    settle(op, t0);
    EXPECT_TRUE(*store->is_do_not_call("+61400000001"));
}

TEST_P(StoreConformance, an_opt_out_takes_the_number_of_metadata_that_comes_later) {
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_1", "CA1")}));
    CallMetadata metadata;
    metadata.to = "+61413052898";
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    EXPECT_TRUE(*store->is_do_not_call("+61413052898"));
}

TEST_P(StoreConformance, an_opt_out_goes_on_to_the_call_that_its_conversation_belongs_to) {
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_1")}));
    NewEvent status = event_of("CA1", "k1");
    status.to = "+61413052898";
    EXPECT_TRUE(commit_one(AppendEvent{status}));
    EXPECT_FALSE(*store->is_do_not_call("+61413052898"));
    EXPECT_TRUE(commit_one(AppendEvent{word_of("conv_1", "k2", "CA1")}));
    EXPECT_TRUE(*store->is_do_not_call("+61413052898"));
    EXPECT_EQ(store->list_do_not_call("", 5)->front().source, "CA1");
}

TEST_P(StoreConformance, a_voice_address_is_listed_as_it_is) {
    NewEvent event = opt_out_of("conv_1");
    event.to = "sip:reception@pbx.example.com";
    EXPECT_TRUE(commit_one(AppendEvent{event}));
    EXPECT_EQ(store->list_do_not_call("", 5)->front().phone, "sip:reception@pbx.example.com");
    EXPECT_TRUE(*store->is_do_not_call("sip:reception@pbx.example.com"));
}

}  // namespace wrapup
