"""What a mix is: song, tracks, strips, buses, lanes, moves."""
