-- Puts the mix of the table `mix` into the project that is open in REAPER: one step of undo, every write read back.
-- Tracks are found by name. What is not found or does not read back as it was written is listed at the end.

local written, verified, problems = 0, 0, {}

local function problem(text) problems[#problems + 1] = text end

local function near(a, b) return a ~= nil and math.abs(a - b) <= 1e-6 + 1e-4 * math.abs(b) end

local function note(what, got, wanted)
  written = written + 1
  if near(got, wanted) then verified = verified + 1 else problem(what .. ": wrote " .. wanted .. ", reads " .. tostring(got)) end
end

local function plain(name)
  return (name:lower():gsub("%.%w%w%w%w?$", ""):gsub("^%s+", ""):gsub("%s+$", ""))
end

local function find(name)
  for i = 0, reaper.CountTracks(0) - 1 do
    local track = reaper.GetTrack(0, i)
    local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_NAME", "", false)
    if plain(text) == plain(name) then return track end
  end
end

local function set(track, name, key, value)
  reaper.SetMediaTrackInfo_Value(track, key, value)
  note(name .. " " .. key, reaper.GetMediaTrackInfo_Value(track, key), value)
end

local function make(name)
  local at = reaper.CountTracks(0)
  reaper.InsertTrackAtIndex(at, true)
  local track = reaper.GetTrack(0, at)
  reaper.GetSetMediaTrackInfo_String(track, "P_NAME", name, true)
  return track
end

local function trim(track, name, gain)
  for i = 0, reaper.CountTrackMediaItems(track) - 1 do
    local item = reaper.GetTrackMediaItem(track, i)
    local now = reaper.GetMediaItemInfo_Value(item, "D_VOL")
    if near(now, 1.0) or near(now, gain) then
      reaper.SetMediaItemInfo_Value(item, "D_VOL", gain)
      note(name .. " item gain", reaper.GetMediaItemInfo_Value(item, "D_VOL"), gain)
    else
      problem(name .. ": an item has a gain of its own; ours (" .. gain .. ") was not set")
    end
  end
end

local function effects(track, name, list)
  for _, fx in ipairs(list) do
    local at = reaper.TrackFX_AddByName(track, fx.name, false, -1000 - reaper.TrackFX_GetCount(track))
    if at < 0 then
      problem(name .. ": " .. fx.name .. " is not there")
    else
      reaper.TrackFX_SetNamedConfigParm(track, at, "vst_chunk", fx.state)
      local _, state = reaper.TrackFX_GetNamedConfigParm(track, at, "vst_chunk")
      written = written + 1
      if state == fx.state then verified = verified + 1 else problem(name .. ": check the settings of " .. fx.name) end
    end
  end
end

local function ride(track, name, chunk, action, points)
  local envelope = reaper.GetTrackEnvelopeByChunkName(track, chunk)
  if envelope == nil then
    reaper.SetOnlyTrackSelected(track)
    reaper.Main_OnCommand(action, 0)
    envelope = reaper.GetTrackEnvelopeByChunkName(track, chunk)
  end
  if envelope == nil then return problem(name .. ": its envelope could not be made") end
  local mode = reaper.GetEnvelopeScalingMode(envelope)
  reaper.DeleteEnvelopePointRange(envelope, -1, 1e9)
  for _, point in ipairs(points) do
    reaper.InsertEnvelopePoint(envelope, point[1], reaper.ScaleToEnvelopeMode(mode, point[2]), 0, 0, false, true)
  end
  reaper.Envelope_SortPoints(envelope)
  for i, point in ipairs(points) do
    local _, _, value = reaper.GetEnvelopePoint(envelope, i - 1)
    note(name .. " envelope at " .. point[1], value and reaper.ScaleFromEnvelopeMode(mode, value), point[2])
  end
end

local function send(track, name, target, gain)
  local to = find(target) or make(target)
  local at
  for i = 0, reaper.GetTrackNumSends(track, 0) - 1 do
    if reaper.GetTrackSendInfo_Value(track, 0, i, "P_DESTTRACK") == to then at = i end
  end
  at = at or reaper.CreateTrackSend(track, to)
  reaper.SetTrackSendInfo_Value(track, 0, at, "D_VOL", gain)
  note(name .. " send to " .. target, reaper.GetTrackSendInfo_Value(track, 0, at, "D_VOL"), gain)
end

reaper.Undo_BeginBlock()
for _, row in ipairs(mix.tracks) do
  local track = find(row.name) or (row.bus and make(row.name))
  if not track then
    problem(row.name .. ": no such track in this project")
  else
    set(track, row.name, "D_VOL", row.volume)
    set(track, row.name, "D_PAN", row.pan)
    set(track, row.name, "B_MUTE", row.mute)
    if row.trim then trim(track, row.name, row.trim) end
    effects(track, row.name, row.fx)
    if row.volumes then ride(track, row.name, "<VOLENV2", 40406, row.volumes) end
    if row.pans then ride(track, row.name, "<PANENV2", 40407, row.pans) end
    for _, one in ipairs(row.sends) do send(track, row.name, one.to, one.gain) end
  end
end
effects(reaper.GetMasterTrack(0), "Master", mix.master)
reaper.Undo_EndBlock("Apply the mix " .. mix.title, -1)
reaper.UpdateArrange()
local lines = { mix.title .. ": " .. written .. " values written, " .. verified .. " read back as written.\n" }
for _, text in ipairs(problems) do lines[#lines + 1] = "  " .. text .. "\n" end
reaper.ShowConsoleMsg(table.concat(lines))
