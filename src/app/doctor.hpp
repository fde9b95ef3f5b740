#pragma once

// What `wrapup doctor` finds: whether this installation will work, and what to do where it will
// not.

#include <string>
#include <vector>

#include "app/settings.hpp"

namespace wrapup {

struct Finding {
    enum class Level {
        good,
        note,    // Works, but should be known.
        broken,  // Will not work as it is.
    };
    Level level = Level::good;
    std::string text;
    std::string advice;  // What to do; empty when there is nothing.

    bool operator==(const Finding&) const = default;
};

struct Diagnosis {
    std::vector<EffectiveSetting> settings;
    std::vector<Finding> findings;

    bool is_well() const;
};

// Settings alone: what is wrong, which endpoints are open, what is missing for summaries.
std::vector<Finding> examine_settings(const InspectedSettings& inspected);
// The data folder and the token file: there, ours, closed to others, writable. Makes nothing.
std::vector<Finding> examine_data_folder(const Settings& settings);
// The store in the data folder, if there is one yet: can be opened, is intact.
std::vector<Finding> examine_store(const Settings& settings);

Diagnosis diagnose(const InspectedSettings& inspected);

// No secret is in either: settings arrive masked.
std::string render_diagnosis(const Diagnosis& diagnosis, bool has_colour);
std::string diagnosis_json(const Diagnosis& diagnosis);

}  // namespace wrapup
