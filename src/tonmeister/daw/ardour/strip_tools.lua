-- Copyright the Tonmeister authors; SPDX-License-Identifier: Apache-2.0
-- What Ardour's own plugins lack: pass filters, a notch, stereo width, gain, polarity and a ride in one plain box.
ardour {
	["type"]    = "dsp",
	name        = "Tonmeister Strip Tools",
	category    = "Filter",
	license     = "Apache-2.0",
	author      = "The Tonmeister authors",
	description = [[High-pass, low-pass, notch, stereo width, gain, polarity and a ride before the fader, as Tonmeister set them]]
}

function dsp_ioconfig ()
	return { { audio_in = -1, audio_out = -1 } }
end

local slopes = { ["Off"] = 0, ["12 dB/oct"] = 1, ["24 dB/oct"] = 2 }

function dsp_params ()
	return {
		{ ["type"] = "input", name = "High-pass slope", min = 0, max = 2, default = 0, enum = true, scalepoints = slopes },
		{ ["type"] = "input", name = "High-pass frequency", min = 10, max = 20000, default = 80, unit = "Hz", logarithmic = true },
		{ ["type"] = "input", name = "High-pass Q (12 dB/oct)", min = 0.05, max = 100, default = 0.7071, logarithmic = true },
		{ ["type"] = "input", name = "Low-pass slope", min = 0, max = 2, default = 0, enum = true, scalepoints = slopes },
		{ ["type"] = "input", name = "Low-pass frequency", min = 10, max = 22000, default = 18000, unit = "Hz", logarithmic = true },
		{ ["type"] = "input", name = "Low-pass Q (12 dB/oct)", min = 0.05, max = 100, default = 0.7071, logarithmic = true },
		{ ["type"] = "input", name = "Notch", min = 0, max = 1, default = 0, toggled = true },
		{ ["type"] = "input", name = "Notch frequency", min = 10, max = 20000, default = 50, unit = "Hz", logarithmic = true },
		{ ["type"] = "input", name = "Notch Q", min = 0.05, max = 100, default = 10, logarithmic = true },
		{ ["type"] = "input", name = "Stereo width", min = 0, max = 2, default = 1 },
		{ ["type"] = "input", name = "Gain", min = -80, max = 40, default = 0, unit = "dB" },
		{ ["type"] = "input", name = "Invert polarity", min = 0, max = 1, default = 0, toggled = true },
		{ ["type"] = "input", name = "Enable", min = 0, max = 1, default = 1, bypass = true, toggled = true },
		{ ["type"] = "input", name = "Ride", min = -90, max = 12, default = 0, unit = "dB" }, -- silent at the bottom
		{ ["type"] = "input", name = "Silent", min = 0, max = 1, default = 0, toggled = true },
	}
end

local most_samples = 8192 -- of a run
-- Ardour's copy_vector, mix_buffers_… and apply_gain_… go up to eight frames too far where a run is short or begins at an odd frame
-- (7.3). What they write to here has room for that; the person's sound is only multiplied, which is exact, or its last frames are
-- reckoned one by one.
local room, unsafe = most_samples + 64, 32
local rate, memory = 48000, nil
local CURVE, SIDE, POWERS, UNIT = 0, 1, { 2, 3, 4 }, 1024 -- powers of frames / UNIT
local wide = { former = nil, samples = 0 } -- the width of the last run, and how long that was
local ride = { former = nil, samples = 0 }
local ride_floor, decibel = -90, math.log (10) / 20
local far = 0.1 -- nepers that a ride may move over one piece: three terms of its series leave 4e-6
local filters, known = {}, {} -- per channel five biquads: two high-pass, two low-pass, one notch
local butterworth = { 0.541196100146197, 1.3065629648763766 }

local function area (which) return memory:to_float (which * room) end

function dsp_init (sample_rate)
	rate = sample_rate
	memory = ARDOUR.DSP.DspShm (5 * room)
	for power, which in ipairs (POWERS) do
		local values = {}
		for i = 1, most_samples do values[i] = ((i - 1) / UNIT) ^ power end
		area (which):set_table (values, most_samples)
	end
end

function dsp_configure (ins, outs)
	filters, known = {}, {}
	for channel = 1, ins:n_audio () do
		filters[channel] = {}
		for k = 1, 5 do filters[channel][k] = ARDOUR.DSP.Biquad (rate) end
	end
	collectgarbage ()
end

local function set_filters (ctrl)
	local changed = false
	for k = 1, 9 do
		changed = changed or known[k] ~= ctrl[k]
		known[k] = ctrl[k]
	end
	if not changed then return end
	local kind, most = ARDOUR.DSP.BiquadType, 0.49 * rate
	for channel = 1, #filters do
		local f = filters[channel]
		for k = 1, 2 do
			local high_q = ctrl[1] > 1.5 and butterworth[k] or ctrl[3]
			local low_q = ctrl[4] > 1.5 and butterworth[k] or ctrl[6]
			f[k]:compute (kind.HighPass, math.min (ctrl[2], most), high_q, 0)
			f[2 + k]:compute (kind.LowPass, math.min (ctrl[5], most), low_q, 0)
		end
		f[5]:compute (kind.Notch, math.min (ctrl[8], most), ctrl[9], 0)
	end
end

-- Ardour says a value at the start of a run; between automation points it moves on as it did over the run before.
-- What moves further than it may over a run, the last one or this one, is a knob that jumped, not a ramp.
local function slope_of (state, value, n_samples, may)
	local former, samples = state.former, state.samples
	state.former, state.samples = value, n_samples
	if not former or math.abs (value - former) > may (samples) then return 0 end
	local slope = (value - former) / samples
	return math.abs (slope * n_samples) > may (n_samples) and 0 or slope
end

local function width_may (samples) return 5 * samples / rate end
local function ride_may (samples) return 1.5 end -- decibels; our ramps have a point at every decibel

-- Write first * (1 + a n + b n^2 + …) into the curve.
local function draw (n_samples, first, shares)
	local curve = area (CURVE)
	ARDOUR.DSP.memset (curve, first, n_samples)
	for power, share in ipairs (shares) do
		ARDOUR.DSP.mix_buffers_with_gain (curve, area (POWERS[power]), n_samples, first * share * UNIT ^ power)
	end
	return curve
end

local function widen_by_hand (left, right, first, n_samples, half, slope)
	local l, r = left:offset (first):get_table (n_samples), right:offset (first):get_table (n_samples)
	for n = 1, n_samples do
		local side = (l[n] - r[n]) * (half + slope / 2 * (first + n - 1))
		l[n], r[n] = l[n] + side, r[n] - side
	end
	return function ()
		left:offset (first):set_table (l, n_samples)
		right:offset (first):set_table (r, n_samples)
	end
end

local function widen (left, right, n_samples, width)
	local slope, half = slope_of (wide, width, n_samples, width_may), (width - 1) / 2
	if half == 0 and slope == 0 then return end
	local most = math.max (0, n_samples - unsafe)
	local put_last = widen_by_hand (left, right, most, n_samples - most, half, slope)
	if most > 0 then
		local side, share = area (SIDE), half -- left - right
		ARDOUR.DSP.copy_vector (side, left, most)
		ARDOUR.DSP.mix_buffers_with_gain (side, right, most, -1)
		if slope ~= 0 then
			local curve = area (CURVE)
			ARDOUR.DSP.memset (curve, half, most)
			ARDOUR.DSP.mix_buffers_with_gain (curve, area (POWERS[1]), most, slope / 2 * UNIT)
			ARDOUR.DSP.mmult (side, curve, most)
			share = 1
		end
		ARDOUR.DSP.mix_buffers_with_gain (left, side, most, share)
		ARDOUR.DSP.mix_buffers_with_gain (right, side, most, -share)
	end
	put_last ()
end

-- Multiply with a gain that moves by so many nepers a frame.
local function glide (outs, n_samples, gain, bend)
	if bend == 0 and n_samples > unsafe then
		for c = 1, #outs do ARDOUR.DSP.apply_gain_to_buffer (outs[c], n_samples, gain) end
		return
	end
	local piece = bend == 0 and n_samples or math.max (1, math.min (n_samples, math.floor (far / math.abs (bend))))
	for first = 0, n_samples - 1, piece do
		local count = math.min (piece, n_samples - first)
		local shares = bend == 0 and {} or { bend, bend ^ 2 / 2, bend ^ 3 / 6 }
		local curve = draw (count, gain * math.exp (bend * first), shares)
		for c = 1, #outs do ARDOUR.DSP.mmult (outs[c]:offset (first), curve, count) end
	end
end

local function set_level (outs, n_samples, still, decibels, is_silent)
	local slope = slope_of (ride, decibels, n_samples, ride_may)
	if is_silent or decibels <= ride_floor then
		for c = 1, #outs do ARDOUR.DSP.memset (outs[c], 0, n_samples) end
		return
	end
	local gain = still * math.exp (decibels * decibel)
	if gain ~= 1 or slope ~= 0 then glide (outs, n_samples, gain, slope * decibel) end
end

function dsp_run (ins, outs, n_samples)
	assert (n_samples <= most_samples)
	local ctrl = CtrlPorts:array ()
	for c = 1, #ins do
		if ins[c] ~= outs[c] then ARDOUR.DSP.copy_vector (outs[c], ins[c], n_samples) end
	end
	if ctrl[13] <= 0 then return end
	set_filters (ctrl)
	local gain = 10 ^ (ctrl[11] / 20) * (ctrl[12] > 0.5 and -1 or 1)
	for c = 1, #ins do
		local f = filters[c]
		for k = 1, 2 do
			if ctrl[1] > k - 0.5 then f[k]:run (outs[c], n_samples) end
			if ctrl[4] > k - 0.5 then f[2 + k]:run (outs[c], n_samples) end
		end
		if ctrl[7] > 0.5 then f[5]:run (outs[c], n_samples) end
	end
	if #ins == 2 then widen (outs[1], outs[2], n_samples, ctrl[10]) end
	set_level (outs, n_samples, gain, ctrl[14], ctrl[15] > 0.5)
end
