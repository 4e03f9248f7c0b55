local hs = { status = "Progressing", message = "The controller has not seen this version of the object yet" }
if obj.status == nil or obj.status.conditions == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return hs
end
local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end
local function holds(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end
local ready = conditions["Ready"]
if ready == nil then
  return hs
end
hs.message = ready.reason .. ": " .. ready.message
if holds("Suspended") then
  hs.status = "Suspended"
elseif holds("Stalled") then
  hs.status = "Degraded"
elseif holds("Ready") then
  hs.status = "Healthy"
end
return hs
