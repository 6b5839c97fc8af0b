-- How Argo CD sees a RollbackPolicy: Healthy while it watches, Progressing while it rolls back or has not looked yet, Degraded
-- when it cannot go on without a person, Suspended under mode Paused.
local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is_true(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local ready = conditions.Ready
local is_seen = status.observedGeneration == nil or status.observedGeneration == obj.metadata.generation
if ready == nil or not is_seen then
  return {status = "Progressing", message = "the controller has not looked at this spec yet"}
end
if is_true("Reconciling") then
  return {status = "Progressing", message = ready.message}
end
if is_true("Stalled") then
  return {status = "Degraded", message = conditions.Stalled.reason .. ": " .. conditions.Stalled.message}
end
if ready.status ~= "True" then
  return {status = "Progressing", message = ready.reason .. ": " .. ready.message}
end
if obj.spec.mode == "Paused" then
  return {status = "Suspended", message = "mode Paused: " .. ready.message}
end
return {status = "Healthy", message = ready.message}
