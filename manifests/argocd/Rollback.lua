-- How Argo CD sees a Rollback that somebody keeps in Git: Healthy when it ended well, Degraded when it failed or its write is
-- refused, Suspended while a person holds it, else Progressing.
local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is_true(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local held = {WaitingForDecision = true, RevisionTooOld = true, NotEnforcing = true, KillSwitch = true}
local approved = conditions.Approved
local is_seen = status.observedGeneration == nil or status.observedGeneration == obj.metadata.generation
if approved == nil or not is_seen then
  return {status = "Progressing", message = "the controller has not looked at this spec yet"}
end
if is_true("Stalled") then
  return {status = "Degraded", message = conditions.Stalled.reason .. ": " .. conditions.Stalled.message}
end
if is_true("Complete") then
  return {status = "Healthy", message = conditions.Complete.message}
end
if approved.status == "Unknown" and held[approved.reason] then
  return {status = "Suspended", message = approved.message}
end
for _, type in ipairs({"Restored", "Reverted", "Approved"}) do
  local condition = conditions[type]
  if condition ~= nil and condition.reason ~= "Pending" then
    return {status = "Progressing", message = condition.message}
  end
end
return {status = "Progressing", message = approved.message}
