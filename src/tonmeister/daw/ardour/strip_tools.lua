-- Copyright the Tonmeister authors; SPDX-License-Identifier: Apache-2.0
-- What Ardour's own plugins lack: pass filters, a notch, stereo width, gain and polarity in one plain box.
ardour {
	["type"]    = "dsp",
	name        = "Tonmeister Strip Tools",
	category    = "Filter",
	license     = "Apache-2.0",
	author      = "The Tonmeister authors",
	description = [[High-pass, low-pass, notch, stereo width, gain and polarity, as Tonmeister set them]]
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
	}
end

local most_samples = 8192 -- of a run
local rate, memory = 48000, nil
local wide = { former = nil, samples = 0 } -- the width of the last run, and how long that was
local filters, known = {}, {} -- per channel five biquads: two high-pass, two low-pass, one notch
local butterworth = { 0.541196100146197, 1.3065629648763766 }

function dsp_init (sample_rate)
	rate = sample_rate
	memory = ARDOUR.DSP.DspShm (3 * most_samples)
	local count = {}
	for i = 1, most_samples do count[i] = i - 1 end
	memory:to_float (2 * most_samples):set_table (count, most_samples)
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

-- Ardour says the width at the start of a run; between automation points it moves on as it did over the run before.
-- What changes faster than 5 a second is a knob that jumped, not a ramp.
local function slope_of (width)
	local slope = 0
	if wide.former and wide.samples > 0 then slope = (width - wide.former) / wide.samples end
	return math.abs (slope) > 5 / rate and 0 or slope
end

local function add_side (left, right, side, n_samples, gain)
	ARDOUR.DSP.mix_buffers_with_gain (left, side, n_samples, gain)
	ARDOUR.DSP.mix_buffers_with_gain (right, side, n_samples, -gain)
end

local function widen (left, right, n_samples, width)
	local slope = slope_of (width)
	wide.former, wide.samples = width, n_samples
	if width == 1 and slope == 0 then return end
	local side = memory:to_float (0) -- left - right
	ARDOUR.DSP.copy_vector (side, left, n_samples)
	ARDOUR.DSP.mix_buffers_with_gain (side, right, n_samples, -1)
	if slope ~= 0 then
		local ramp = memory:to_float (most_samples)
		ARDOUR.DSP.copy_vector (ramp, side, n_samples)
		ARDOUR.DSP.mmult (ramp, memory:to_float (2 * most_samples), n_samples)
		add_side (left, right, ramp, n_samples, slope / 2)
	end
	add_side (left, right, side, n_samples, (width - 1) / 2)
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
		if gain ~= 1 then ARDOUR.DSP.apply_gain_to_buffer (outs[c], n_samples, gain) end
	end
	if #ins == 2 then widen (outs[1], outs[2], n_samples, ctrl[10]) end
end
