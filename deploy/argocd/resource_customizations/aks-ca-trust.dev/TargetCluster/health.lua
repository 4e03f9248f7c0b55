local hs = { status = "Progressing", message = "The controller has not read the cluster yet" }
if obj.status == nil or obj.status.conditions == nil then
  return hs
end
local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local reachable, idle = conditions["Reachable"], conditions["Idle"]
if reachable ~= nil and reachable.status == "False" then
  return { status = "Degraded", message = reachable.reason .. ": " .. reachable.message }
end
if idle ~= nil then
  hs.message = idle.reason .. ": " .. idle.message
  if idle.status == "True" then
    hs.status = "Healthy"
  end
end
return hs
