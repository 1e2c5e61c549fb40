// What goes along with words: photos, made small before they travel, and a place.

const LONGEST_SIDE = 2048;
const THUMB_SIDE = 240;

// Return what is sent of *file* and a little picture of it. An unreadable file goes as it is:
// the ward will say what is wrong with it.
export async function photo(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = await decoded(url);
    const blob = await jpeg(drawn(image, LONGEST_SIDE));
    return { blob: blob ?? file, thumb: drawn(image, THUMB_SIDE).toDataURL("image/jpeg", 0.6) };
  } catch {
    return { blob: file, thumb: "" };
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function place() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy }),
      reject,
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  });
}

export const canPlace = () => window.isSecureContext && "geolocation" in navigator;

async function decoded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

function drawn(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

const jpeg = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
