-- ardour7-lua ardour_dump.lua FOLDER NAME: what Ardour understood of a session, one fact a line, parted by tabs
AudioEngine:set_backend ("None (Dummy)", "", "")
local session = load_session (arg[1], arg[2])
assert (session)

local function say (...)
	io.write (table.concat ({ "=", ... }, "\t"), "\n")
end

local function events (list)
	local found = {}
	for event in list:events ():iter () do
		found[#found + 1] = string.format ("%d:%.6g", event.when:samples (), event.value)
	end
	return table.concat (found, " ")
end

local function plugins (route)
	local place = 0
	local processor = route:nth_plugin (place)
	while not processor:isnil () do
		local plugin = processor:to_insert ():plugin (0)
		local number = 0
		say ("plugin", route:name (), place, plugin:name (), plugin:unique_id ())
		for port = 0, plugin:parameter_count () - 1 do
			if plugin:parameter_is_control (port) then
				if plugin:parameter_is_input (port) then
					local value = ARDOUR.LuaAPI.get_processor_param (processor, number, false)
					say ("port", route:name (), place, plugin:parameter_label (port), string.format ("%.6g", value))
					local moves = events (ARDOUR.LuaAPI.plugin_automation (processor, number))
					if moves ~= "" then say ("moves", route:name (), place, plugin:parameter_label (port), moves) end
				end
				number = number + 1
			end
		end
		place = place + 1
		processor = route:nth_plugin (place)
	end
end

for route in session:get_routes ():iter () do
	local name = route:name ()
	say ("gain", name, string.format ("%.6g", route:gain_control ():get_value ()))
	say ("trim", name, string.format ("%.6g", route:trim_control ():get_value ()))
	say ("mute", name, route:muted () and 1 or 0)
	say ("phase", name, string.format ("%.6g", route:phase_control ():get_value ()))
	say ("fader", name, events (route:gain_control ():alist ()))
	local pan = route:pan_azimuth_control ()
	if not pan:isnil () then
		say ("pan", name, string.format ("%.6g", pan:get_value ()))
		say ("pans", name, events (pan:alist ()))
	end
	local number = 0
	while not route:nth_send (number):isnil () do
		local send = route:nth_send (number)
		say ("send", name, send:name (), string.format ("%.6g", send:to_internalsend ():gain_control ():get_value ()))
		number = number + 1
	end
	plugins (route)
end
for track in session:get_tracks ():iter () do
	for region in track:to_track ():playlist ():region_list ():iter () do
		say ("region", track:name (), region:position ():samples (), region:start ():samples (), region:length ():samples ())
	end
end
for location in session:locations ():list ():iter () do
	local kind = location:is_mark () and "mark" or (location:is_session_range () and "session" or "range")
	say (kind, location:name (), location:start ():samples (), location:_end ():samples ())
end
local range = session:locations ():session_range_location ()
say ("session range", range:start ():samples (), range:_end ():samples ())
close_session ()
quit ()
