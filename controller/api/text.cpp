#include "api/text.hpp"

#include <cstdlib>

namespace api {

std::string_view to_text(Status status) {
  switch (status) {
    case Status::True:
      return "True";
    case Status::False:
      return "False";
    case Status::Unknown:
      return "Unknown";
  }
  std::abort();
}

std::string_view to_text(Mode mode) {
  switch (mode) {
    case Mode::Enforce:
      return "Enforce";
    case Mode::Observe:
      return "Observe";
    case Mode::Paused:
      return "Paused";
  }
  std::abort();
}

std::string_view to_text(Measure measure) {
  switch (measure) {
    case Measure::RSS:
      return "RSS";
    case Measure::WorkingSet:
      return "WorkingSet";
  }
  std::abort();
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Healthy:
      return "Healthy";
    case Verdict::Breached:
      return "Breached";
    case Verdict::Unknown:
      return "Unknown";
  }
  std::abort();
}

std::string_view to_text(Mark mark) {
  switch (mark) {
    case Mark::Good:
      return "Good";
    case Mark::Bad:
      return "Bad";
  }
  std::abort();
}

std::string_view to_text(DecisionState state) {
  switch (state) {
    case DecisionState::Waiting:
      return "Waiting";
    case DecisionState::Approved:
      return "Approved";
    case DecisionState::Aborted:
      return "Aborted";
  }
  std::abort();
}

std::string_view to_text(StepState state) {
  switch (state) {
    case StepState::Waiting:
      return "Waiting";
    case StepState::Running:
      return "Running";
    case StepState::Done:
      return "Done";
    case StepState::Skipped:
      return "Skipped";
    case StepState::Failed:
      return "Failed";
  }
  std::abort();
}

std::string_view to_text(Raise state) {
  switch (state) {
    case Raise::Asked:
      return "Asked";
    case Raise::Done:
      return "Done";
    case Raise::Refused:
      return "Refused";
  }
  std::abort();
}

std::string_view to_text(CheckState state) {
  switch (state) {
    case CheckState::Confirmed:
      return "Confirmed";
    case CheckState::NotSeen:
      return "NotSeen";
    case CheckState::Unknown:
      return "Unknown";
  }
  std::abort();
}

std::string_view to_text(Choice choice) {
  switch (choice) {
    case Choice::Good:
      return "Good";
    case Choice::Assumed:
      return "Assumed";
    case Choice::Asked:
      return "Asked";
    case Choice::None:
      return "None";
  }
  std::abort();
}

}  // namespace api
