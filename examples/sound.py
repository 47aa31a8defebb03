"""Compress a sound: its spectrum over time is an image of one channel.

python sound.py [QUALITY]

Draws three notes and a click, cuts them into overlapping frames and takes the modified
discrete cosine transform of each (as MP3 and AAC do). The coefficients are an array of
uint16 [frames, frequencies], which the codec takes as it takes a deep gray image.
"""

import sys

import numpy as np

import vaecodec

RATE = 16_000  # samples of the sound per second
BINS = 512  # coefficients of a frame, which has twice as many samples
MIDDLE = 1 << 15


def sound(seconds: float = 4.0) -> np.ndarray:
    """Float samples -1..1."""
    time = np.arange(int(seconds * RATE)) / RATE
    notes = sum(
        np.sin(2 * np.pi * hertz * time) * np.exp(-3 * np.abs(time - start))
        for start, hertz in ((0.5, 440.0), (1.5, 554.4), (2.5, 659.3))
    )
    noise = np.random.default_rng(1).normal(size=time.size)
    click = noise * np.exp(-60 * np.abs(time - 3.2))
    return 0.3 * notes + 0.1 * click


def basis() -> np.ndarray:
    """The windowed cosines, orthonormal across frames: [BINS, 2 BINS]."""
    time, bins = np.arange(2 * BINS), np.arange(BINS)[:, None]
    window = np.sin(np.pi * (time + 0.5) / (2 * BINS))
    phase = np.pi / BINS * (time + 0.5 + BINS / 2) * (bins + 0.5)
    return np.sqrt(2 / BINS) * window * np.cos(phase)


def coefficients(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> [frames, BINS]."""
    frames = -(-samples.size // BINS) + 1
    padded = np.zeros((frames + 1) * BINS)
    padded[BINS : BINS + samples.size] = samples
    cut = np.lib.stride_tricks.sliding_window_view(padded, 2 * BINS)[::BINS]
    return cut @ basis().T


def samples_of(spectrum: np.ndarray, count: int) -> np.ndarray:
    """Inverse of `coefficients`: frames that overlap add up to the samples."""
    parts = spectrum @ basis()
    joined = np.zeros((len(parts) + 1) * BINS)
    for number, part in enumerate(parts):
        joined[number * BINS : (number + 2) * BINS] += part
    return joined[BINS : BINS + count]


def as_image(spectrum: np.ndarray, peak: float) -> np.ndarray:
    """Square roots, so that quiet tones count, as uint16 around MIDDLE."""
    scaled = np.sign(spectrum) * np.sqrt(np.abs(spectrum) / peak)
    return np.rint(MIDDLE + scaled * (MIDDLE - 1)).astype(np.uint16)


def as_spectrum(image: np.ndarray, peak: float) -> np.ndarray:
    """Inverse of `as_image`."""
    scaled = (image.astype(float) - MIDDLE) / (MIDDLE - 1)
    return np.sign(scaled) * scaled**2 * peak


def main(quality: int) -> None:
    """Say how many bits the sound takes, and how well it comes back."""
    original = sound()
    spectrum = coefficients(original)
    peak = np.abs(spectrum).max()
    data = vaecodec.encode(as_image(spectrum, peak), quality, tune="psnr")
    again = samples_of(as_spectrum(vaecodec.decode(data), peak), original.size)
    error = np.mean((again - original) ** 2) / np.mean(original**2)
    rate = 8 * len(data) / (original.size / RATE) / 1000
    print(f"{rate:.1f} kbit/s, {-10 * np.log10(error):.1f} dB above the error")


if __name__ == "__main__":
    main(int((*sys.argv[1:], "70")[0]))
