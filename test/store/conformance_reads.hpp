#pragma once

// Lists, counts, and what was handed to us.

namespace wrapup {

TEST_P(StoreConformance, what_is_not_there_is_not_found) {
    EXPECT_EQ(store->resolve("CA1").error().code, Errc::not_found);
    EXPECT_EQ(store->find_story("CA1").error().code, Errc::not_found);
    EXPECT_TRUE(store->list_calls({})->calls.empty());
}

TEST_P(StoreConformance, lists_are_paged_newest_first) {
    for (int i = 1; i <= 5; ++i) append(event_of("CA" + std::to_string(i), "a"));
    CallFilter filter;
    filter.limit = 2;
    auto page = *store->list_calls(filter);
    EXPECT_EQ(page.calls[0].id, "CA5");
    EXPECT_EQ(page.calls[0], story("CA5").call);
    ASSERT_FALSE(page.next_cursor.empty());
    append(event_of("CA6", "a"));
    filter.cursor = page.next_cursor;
    EXPECT_EQ(listed(filter), (Strings{"CA3", "CA2"}));
    filter.cursor = store->list_calls(filter)->next_cursor;
    page = *store->list_calls(filter);
    ASSERT_EQ(page.calls.size(), 1U);
    EXPECT_EQ(page.next_cursor, "");
    for (const char* wrong : {"x", "-3", "0", "9999999999999999999999"}) {
        filter.cursor = wrong;
        EXPECT_EQ(store->list_calls(filter).error().code, Errc::invalid_input) << wrong;
    }
}

TEST_P(StoreConformance, lists_are_ordered_by_the_first_event) {
    for (const int second : {3, 1, 2, 1}) {
        NewEvent event =
            event_of("CA" + std::to_string(second) + "-" + std::to_string(listed({}).size()), "a");
        event.received_at = t0 + seconds{second};
        append(event);
    }
    EXPECT_EQ(listed({}), (Strings{"CA3-0", "CA2-2", "CA1-3", "CA1-1"}));
    CallFilter filter;
    filter.limit = 1;
    Strings one_by_one;
    do {
        const auto page = *store->list_calls(filter);
        ASSERT_EQ(page.calls.size(), 1U);
        one_by_one.push_back(page.calls[0].id);
        filter.cursor = page.next_cursor;
    } while (!filter.cursor.empty());
    EXPECT_EQ(one_by_one, listed({}));
}

TEST_P(StoreConformance, lists_are_filtered) {
    NewEvent event = event_of("CA1", "a");
    event.to = "+61 (400) 000-001";
    append(event);
    event = word_of("conv_2", "a", "CA2");
    event.received_at = t0 + seconds{60};
    append(event);
    SettleCall op = answer_to(claim("CA1"));
    op.campaign = "Spring";
    op.then = fix_of();
    settle(op);

    CallFilter filter;
    filter.state = CallState::delivering;
    EXPECT_EQ(listed(filter), Strings{"CA1"});
    EXPECT_EQ(claim_due("crm", t0, lease, 1)->size(), 1U);
    EXPECT_EQ(listed(filter), Strings{"CA1"});  // Also while it is being sent.
    filter.campaign = "Spring";
    filter.phone = "+61400000001";
    filter.outcome = Outcome::held;
    EXPECT_EQ(listed(filter), Strings{"CA1"});
    filter.outcome = Outcome::voicemail;
    EXPECT_EQ(listed(filter), Strings{});
    const auto only = [&](auto set) {
        CallFilter one;
        set(one);
        return listed(one);
    };
    EXPECT_EQ(only([](CallFilter& f) { f.phone = "+61400000001"; }), Strings{"CA1"});
    EXPECT_EQ(only([](CallFilter& f) { f.campaign = "Spring"; }), Strings{"CA1"});
    EXPECT_EQ(only([](CallFilter& f) { f.campaign = "Autumn"; }), Strings{});
    EXPECT_EQ(only([](CallFilter& f) { f.outcome = Outcome::held; }), Strings{"CA1"});
    EXPECT_EQ(only([](CallFilter& f) { f.id = "CA2"; }), Strings{"CA2"});
    EXPECT_EQ(only([](CallFilter& f) { f.id = "conv_2"; }), Strings{"CA2"});
    EXPECT_EQ(only([](CallFilter& f) { f.id = "conv_9"; }), Strings{});
    EXPECT_EQ(only([](CallFilter& f) { f.after = t0 + seconds{60}; }), Strings{"CA2"});
    EXPECT_EQ(only([](CallFilter& f) { f.before = t0 + seconds{60}; }), Strings{"CA1"});
    EXPECT_EQ(only([](CallFilter& f) {
                  f.after = t0;
                  f.before = t0 + seconds{61};
              }),
              (Strings{"CA2", "CA1"}));
}

TEST_P(StoreConformance, calls_are_found_by_what_people_remember) {
    const std::string a = "CA1645" + std::string(28, 'a'), b = "CA1645" + std::string(28, 'b');
    for (const std::string& sid : {a, b, "CA1646" + std::string(28, 'a')}) {
        NewEvent event = event_of(sid, "a", sid == a ? t0 : t0 + seconds{1});
        event.to = sid == a ? "+61413052898" : "+61413052899";
        append(event);
    }
    SettleCall op = answer_to(claim(a));
    op.name = "Mia O'Neil 100%";
    op.then = fix_of();
    settle(op);
    const auto only = [&](auto set) {
        CallFilter one;
        set(one);
        return listed(one);
    };
    EXPECT_EQ(only([](CallFilter& f) { f.id = "CA1645"; }), (Strings{b, a}));
    EXPECT_EQ(only([](CallFilter& f) { f.id = "CA164"; }), Strings{});
    EXPECT_EQ(only([](CallFilter& f) { f.id = "CA1647"; }), Strings{});
    for (const char* const end : {"413052898", "052898", "61413052898"}) {
        EXPECT_EQ(only([&](CallFilter& f) { f.phone_end = end; }), Strings{a}) << end;
        EXPECT_EQ(only([&](CallFilter& f) { f.phone = f.phone_end = end; }), Strings{a}) << end;
    }
    EXPECT_EQ(only([](CallFilter& f) { f.phone_end = "41305289"; }), Strings{});
    // Who is called by the whole number is meant before others.
    EXPECT_EQ(only([](CallFilter& f) {
                  f.phone = "+61413052898";
                  f.phone_end = "41305289";
              }),
              Strings{a});
    for (const char* const name : {"mia", "O'NEIL", "100%", "Mia O'Neil 100%"}) {
        EXPECT_EQ(only([&](CallFilter& f) { f.name = name; }), Strings{a}) << name;
    }
    for (const char* const name : {"m_a", "1%", "Mio"}) {
        EXPECT_EQ(only([&](CallFilter& f) { f.name = name; }), Strings{}) << name;
    }
    EXPECT_EQ(only([](CallFilter& f) {
                  f.name = "mia";
                  f.id = "CA1645";
                  f.phone_end = "052898";
                  f.state = CallState::delivering;
              }),
              Strings{a});
}

TEST_P(StoreConformance, pages_go_on_where_few_calls_match) {
    make_fixed("CA-held");
    std::vector<StoreOp> ops;
    for (int i = 0; i < call_scan_max + 10; ++i) {
        NewEvent event = event_of("CA" + std::to_string(i), "a", t0 + seconds{1});
        event.received_at = t0 + seconds{1};
        ops.emplace_back(AppendEvent{std::move(event)});
    }
    ASSERT_TRUE(store->commit(ops, t0 + seconds{1}));
    CallFilter filter;
    filter.outcome = Outcome::held;
    Strings found;
    do {
        const auto page = *store->list_calls(filter);
        for (const Call& call : page.calls) found.push_back(call.id);
        filter.cursor = page.next_cursor;
    } while (!filter.cursor.empty());
    EXPECT_EQ(found, Strings{"CA-held"});
}

TEST_P(StoreConformance, calls_are_listed_by_what_their_records_have) {
    for (const auto reason : {ParkReason::rejected, ParkReason::disabled}) {
        SettleCall::Fix parked = fix_of();
        parked.deliveries[0].parked = reason;
        make_fixed("CA-" + std::string(to_string(reason)), parked);
    }
    append(event_of("CA-open", "a"));
    append(event_of("CA-spring", "a"));
    SettleCall op = answer_to(claim("CA-spring"));
    op.campaign = "Spring";
    op.then = fix_of();
    settle(op);

    CallFilter filter;
    filter.parked = ParkReason::rejected;
    EXPECT_EQ(listed(filter), Strings{"CA-rejected"});
    filter.state = CallState::parked;
    EXPECT_EQ(listed(filter), Strings{"CA-rejected"});
    filter.state = CallState::delivering;
    EXPECT_EQ(listed(filter), Strings{});
    filter = {};
    filter.has_no_campaign = true;
    EXPECT_EQ(listed(filter), (Strings{"CA-disabled", "CA-rejected"}));
    filter.parked = ParkReason::disabled;
    filter.outcome = Outcome::held;
    EXPECT_EQ(listed(filter), Strings{"CA-disabled"});
    filter.outcome = Outcome::voicemail;
    EXPECT_EQ(listed(filter), Strings{});
}

// A call belongs to the quarter of an hour in which Twilio made it, whenever wrapup heard of it.
TEST_P(StoreConformance, calls_are_listed_as_the_ledger_counts_them) {
    using std::chrono::hours, std::chrono::minutes;
    const UtcTime noon = t0 + hours{24};
    const auto heard = [&](const std::string& id, UtcTime at, std::optional<UtcTime> created_at) {
        NewEvent event = event_of(id, "a");
        event.received_at = at;
        event.created_at = created_at;
        append(event);
    };
    heard("CA-before", noon - seconds{1}, std::nullopt);
    heard("CA-first", noon, std::nullopt);
    heard("CA-moved-out", noon + minutes{1}, noon - minutes{1});
    heard("CA-moved-within", noon + minutes{16}, noon + minutes{14});
    heard("CA-last", noon + minutes{29}, std::nullopt);
    heard("CA-after", noon + minutes{30}, std::nullopt);
    heard("CA-moved-in", noon + hours{9}, noon + minutes{29});
    const Strings all{"CA-moved-in", "CA-last", "CA-moved-within", "CA-first"};

    CallFilter filter;
    filter.counted_in = TimeSpan{noon, noon + minutes{30}};
    EXPECT_EQ(listed(filter), all);
    std::int64_t counted = 0;
    const LedgerRows ledger = *store->ledger(*filter.counted_in);
    for (const auto& [cell, count] : ledger.cells) counted += count.calls;
    EXPECT_EQ(counted, std::ssize(all));
    filter.state = CallState::open;
    EXPECT_EQ(listed(filter), all);
    filter.state = CallState::parked;
    EXPECT_EQ(listed(filter), Strings{});
    filter.state.reset();
    for (const int limit : {1, 2, 3}) {
        filter.limit = limit;
        Strings in_pages;
        do {
            const auto page = *store->list_calls(filter);
            for (const Call& call : page.calls) in_pages.push_back(call.id);
            filter.cursor = page.next_cursor;
        } while (!filter.cursor.empty());
        EXPECT_EQ(in_pages, all) << limit;
    }
    filter.counted_in = TimeSpan{noon - minutes{1}, noon + minutes{15}};
    filter.limit = 50;
    EXPECT_EQ(listed(filter), (Strings{"CA-moved-within", "CA-first"}));
}

TEST_P(StoreConformance, merged_calls_are_listed_only_when_asked_for) {
    append(word_of("conv_1", "a"));
    append(word_of("conv_1", "b", "CA1"));
    EXPECT_EQ(listed({}), Strings{"CA1"});
    CallFilter filter;
    filter.id = "conv_1";
    EXPECT_EQ(listed(filter), Strings{"CA1"});
    filter.id.clear();
    filter.state = CallState::merged;
    EXPECT_EQ(listed(filter), Strings{"conv_1"});
}

TEST_P(StoreConformance, counts_add_up) {
    append(event_of("CA1", "a"));
    make_fixed("CA2");
    SettleCall::Fix parked = fix_of();
    parked.deliveries[0].parked = ParkReason::disabled;
    make_fixed("CA3", parked);
    append(event_of("CA2", "late"));
    SettleCall op = answer_to(claim("CA2"));
    op.then = SettleCall::NoteLate{true};
    settle(op);
    const StoreCounts counts = *store->counts();
    EXPECT_EQ(counts.calls,
              (decltype(counts.calls){
                  {CallState::open, 1}, {CallState::delivering, 1}, {CallState::parked, 1}}));
    EXPECT_EQ(counts.parked, (decltype(counts.parked){{ParkReason::disabled, 1}}));
    EXPECT_EQ(counts.deliveries_pending(), 1);
    EXPECT_EQ(counts.destinations, (decltype(counts.destinations){{"crm", {1, 1}}}));
    EXPECT_EQ(counts.late_conflicts, 1);
    EXPECT_EQ(counts.unknown_outcomes, 0);
}

TEST_P(StoreConformance, metadata_may_come_before_its_call) {
    CallMetadata metadata;
    metadata.name = "Ada";
    metadata.campaign_id = "c1";
    metadata.to = "+61400000001";
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    EXPECT_EQ(store->resolve("CA1").error().code, Errc::not_found);
    EXPECT_TRUE(commit_one(PutCampaign{{"c1", "Spring", "All of spring"}}));
    EXPECT_TRUE(commit_one(PutContact{{"0061 400 000 001", "Ada L."}}));
    const std::vector<MetadataKey> keys{
        {"CA1", "", ""}, {"CA9", "", ""}, {"CA9", "", "+61400000001"}, {"", "CA1", ""}};
    const auto found = *store->own_metadata(keys);
    ASSERT_EQ(found.size(), 4U);
    metadata.campaign_name = "Spring";
    metadata.campaign_description = "All of spring";
    metadata.contact_name = "Ada L.";
    EXPECT_EQ(found[0], metadata);
    EXPECT_EQ(found[1], CallMetadata{});
    CallMetadata contact;
    contact.contact_name = "Ada L.";
    EXPECT_EQ(found[2], contact);
    EXPECT_EQ(found[3], metadata);
}

TEST_P(StoreConformance, the_contact_of_an_inbound_call_is_the_callers) {
    CallMetadata metadata;
    metadata.to = "+61299999999";
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    EXPECT_TRUE(commit_one(PutContact{{"+61299999999", "Our Front Desk"}}));
    const std::vector<MetadataKey> unknown{{"CA1", "", "+61413052898", true}};
    EXPECT_EQ(store->own_metadata(unknown)->front().contact_name, "");
    EXPECT_TRUE(commit_one(PutContact{{"+61413052898", "The Caller"}}));
    const std::vector<MetadataKey> keys{{"CA1", "", "+61413052898", true},
                                        {"CA1", "", "+61413052898", false}};
    const auto found = *store->own_metadata(keys);
    EXPECT_EQ(found[0].contact_name, "The Caller");
    EXPECT_EQ(found[1].contact_name, "Our Front Desk");
}

TEST_P(StoreConformance, metadata_is_replaced_and_speaks_for_itself) {
    CallMetadata metadata;
    metadata.name = "Ada";
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    metadata.name.clear();
    metadata.campaign_id = "c1";
    metadata.campaign_name = "Its own";
    metadata.contact_name = "Bob";
    metadata.to = "+1";
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    EXPECT_TRUE(commit_one(PutCampaign{{"c1", "Spring", ""}}));
    EXPECT_TRUE(commit_one(PutContact{{"+1", "Eve"}}));
    const std::vector<MetadataKey> keys{{"CA1", "", ""}};
    EXPECT_EQ(store->own_metadata(keys)->front(), metadata);
}

// A number with its name and campaign is all that a small agency has.
TEST_P(StoreConformance, the_campaign_of_a_contact_counts_for_calls_without_one) {
    EXPECT_TRUE(commit_one(PutCampaign{{"c1", "Spring", "All of spring"}}));
    EXPECT_TRUE(commit_one(PutCampaign{{"c2", "Summer", ""}}));
    EXPECT_TRUE(commit_one(PutContact{{"+1", "Ada", "c1"}}));
    EXPECT_TRUE(commit_one(PutContact{{"+2", "Bob", "Autumn sale"}}));
    CallMetadata own;
    own.campaign_id = "c2";
    EXPECT_TRUE(commit_one(PutMetadata{"CA-id", own, t0}));
    own = {};
    own.campaign_name = "By hand";
    own.to = "+2";
    EXPECT_TRUE(commit_one(PutMetadata{"CA-name", own, t0}));
    const std::vector<MetadataKey> keys{{"CA1", "", "+1"},   {"CA2", "", "+2"},
                                        {"CA-id", "", "+1"}, {"CA-name", "", "+1"},
                                        {"CA3", "", ""},     {"CA1", "", "+1", false, false}};
    const auto found = *store->own_metadata(keys);
    ASSERT_EQ(found.size(), 6U);
    CallMetadata ada;
    ada.contact_name = "Ada";
    ada.campaign_id = "c1";
    ada.campaign_name = "Spring";
    ada.campaign_description = "All of spring";
    EXPECT_EQ(found[0], ada);
    CallMetadata bob;
    bob.contact_name = "Bob";
    bob.campaign_name = "Autumn sale";
    EXPECT_EQ(found[1], bob);
    EXPECT_EQ(found[2].campaign_id, "c2");
    EXPECT_EQ(found[2].campaign_name, "Summer");
    EXPECT_EQ(found[2].campaign_description, "");
    EXPECT_EQ(found[3].campaign_name, "By hand");
    EXPECT_EQ(found[3].campaign_id, "");
    EXPECT_EQ(found[4], CallMetadata{});
    EXPECT_EQ(found[5], CallMetadata{});
    EXPECT_EQ(*store->list_contacts("", 5),
              (std::vector<Contact>{{"+1", "Ada", "c1"}, {"+2", "Bob", "Autumn sale"}}));
}

TEST_P(StoreConformance, a_conversation_finds_the_metadata_of_the_call_that_names_it) {
    const auto name_of = [&](const std::string& id) {
        const std::vector<MetadataKey> keys{{id, id, ""}};
        return store->own_metadata(keys)->front().name;
    };
    const auto put = [&](const std::string& id, const std::string& name,
                         const std::string& conversation_id) {
        CallMetadata metadata;
        metadata.name = name;
        metadata.conversation_id = conversation_id;
        EXPECT_TRUE(commit_one(PutMetadata{id, metadata, t0}));
    };
    append(word_of("conv_1", "a"));
    const UtcTime before = *story("conv_1").call.due_at;
    put("CA1", "Ada", "conv_1");
    EXPECT_EQ(name_of("conv_1"), "Ada");
    EXPECT_LE(*story("conv_1").call.due_at, before);
    put("CA1", "Ada L.", "conv_1");
    EXPECT_EQ(name_of("conv_1"), "Ada L.");
    // Another one than was thought.
    put("CA1", "Ada L.", "conv_2");
    EXPECT_EQ(name_of("conv_1"), "");
    EXPECT_EQ(name_of("conv_2"), "Ada L.");
    put("CA2", "Bob", "conv_2");
    EXPECT_EQ(name_of("conv_2"), "Ada L.") << "the first one counts";
    // What was said of the conversation itself stays.
    put("conv_3", "Eve", "");
    put("CA3", "Carol", "conv_3");
    EXPECT_EQ(name_of("conv_3"), "Eve");
    put("CA3", "Carol", "");
    EXPECT_EQ(name_of("conv_3"), "Eve");
    EXPECT_EQ(name_of("CA3"), "Carol");
}

TEST_P(StoreConformance, metadata_makes_a_waiting_call_due) {
    append(event_of("CA1", "a", t0 + lease));
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", {}, t0 + seconds{1}}));
    EXPECT_EQ(story("CA1").call.due_at, t0 + seconds{1});

    append(event_of("CA2", "a"));
    SettleCall op = answer_to(claim("CA2"));
    op.then = SettleCall::Park{ParkReason::unlinked};
    settle(op);
    EXPECT_TRUE(commit_one(PutMetadata{"CA2", {}, t0}));
    EXPECT_EQ(story("CA2").call.due_at, t0);

    make_fixed("CA3");
    EXPECT_TRUE(commit_one(PutMetadata{"CA3", {}, t0}));
    EXPECT_EQ(story("CA3").call.due_at, std::nullopt);
}

TEST_P(StoreConformance, a_contact_keeps_its_time_zone) {
    const std::string phone = "+61413052898";
    EXPECT_TRUE(commit_one(PutContact{{phone, "Ada", "", "Europe/Berlin"}}));
    EXPECT_TRUE(commit_one(PutContact{{phone, "Ada", "", "Australia/Perth"}}));
    EXPECT_EQ(*store->list_contacts("", 2),
              (std::vector<Contact>{{phone, "Ada", "", "Australia/Perth"}}));
    const std::vector<MetadataKey> keys{{"", "", "+61 413 052 898"}};
    EXPECT_EQ(store->own_metadata(keys)->front().time_zone, "Australia/Perth");
}

TEST_P(StoreConformance, campaigns_and_contacts_are_paged) {
    for (const char* id : {"b", "a", "c"}) {
        EXPECT_TRUE(commit_one(PutCampaign{{id, "old", ""}}));
        EXPECT_TRUE(commit_one(PutContact{{std::string("+1 ") + id, "old"}}));
    }
    EXPECT_TRUE(commit_one(PutCampaign{{"b", "new", "d"}}));
    EXPECT_TRUE(commit_one(PutContact{{"+1b", "new"}}));
    EXPECT_EQ(*store->list_campaigns("", 2),
              (std::vector<Campaign>{{"a", "old", ""}, {"b", "new", "d"}}));
    EXPECT_EQ(*store->list_campaigns("b", 2), (std::vector<Campaign>{{"c", "old", ""}}));
    EXPECT_EQ(*store->list_contacts("", 2), (std::vector<Contact>{{"+1a", "old"}, {"+1b", "new"}}));
    EXPECT_EQ(*store->list_contacts("+1b", 5), (std::vector<Contact>{{"+1c", "old"}}));
}

}  // namespace wrapup
