#pragma once

// A campaign's list of thousands of numbers in four time zones: the production placer, intake and
// group commit in virtual time, over whatever store is given. What is measured is whom it rang, and
// when.

#include "ports/store.hpp"
#include "service/placer/placer.hpp"
#include "sim/campaign_twilio.hpp"

namespace wrapup {

struct CampaignOrder {
    int rows_count = 5'000;
    HoursOf hours;  // The production's, of campaign_hours.
    std::int64_t calls_per_second = 1;
    std::int64_t calls_max = 20;
    CampaignWaits waits;
};

struct CampaignReport {
    CampaignTwilio::Counts calls;
    std::map<std::string, std::int64_t> outcomes;  // Rows.
    std::int64_t attempts_count = 0;
    int most_rings = 0;  // Of one number.
    int open_count = 0;  // Rows without an end.
    milliseconds length{};
    std::map<std::string, int> rings_by_zone;
};

// `store` is empty. The same order gives the same report.
CampaignReport simulate_campaign(EmbeddedStore& store, const CampaignOrder& order);

// Prints the report. 0 when nobody was rung outside his hours, or twice, and every row ended.
int run_campaign(EmbeddedStore& store, const CampaignOrder& order);

}  // namespace wrapup
