// A blue-green pair: the Service selects Deployment "web" (track=canary), whose release v2 fails; "web-peer" (track=stable)
// runs v0, older than all that "web" runs, with three pods.
#pragma once

#include <string>
#include <vector>

#include "world.hpp"

namespace decide_test {

api::BlueGreenPair pair(bool reverts = true);
api::RevisionRef peer_ref();  // what "web-peer" runs
World before_two_sides();
// The Service selects the other side from now on.
World& turn(World& world);
World after_the_turn(std::vector<std::string> endpoints = {"pod-of-peer"});

// Runs that take "web" out: with a plan, while the Service is turned, and afterwards. `with_back`: v1 is to come back to it.
RunFrom planned(bool with_back = true, bool reverts = true);
RunFrom turning(Seconds since = 1s, bool with_back = true);
RunFrom turned(bool with_back = true, Seconds ago = 40s, bool reverts = true);

}  // namespace decide_test
