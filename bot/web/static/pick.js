// What goes along with words: photos, made small before they travel, and a place.

const LONGEST_SIDE = 2048;
const THUMB_SIDE = 240;
const FARTHEST_M = 1000; // a place known less well than this names the wrong street
const EXCUSES = { // by GeolocationPositionError.code
  1: "Trình duyệt chưa được phép xem vị trí. Anh/chị có thể cho phép ở biểu tượng cạnh địa chỉ trang.",
  2: "Máy chưa xác định được vị trí.",
  3: "Máy lâu quá chưa xác định được vị trí.",
};

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

// Ask the machine where it is. Rejects with a sentence for the reader.
export function place() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        accuracy > FARTHEST_M ? reject(vague(accuracy)) : resolve({ latitude, longitude, accuracy }),
      ({ code }) => reject(`${EXCUSES[code] ?? EXCUSES[2]} Anh/chị vui lòng gõ tên đường và mốc gần nhất.`),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  });
}

// A machine without a satellite receiver guesses by its network, at times in the next town.
function vague(accuracy) {
  const kilometres = Math.ceil(accuracy / 1000);
  return `Máy chỉ đoán được vị trí trong khoảng ${kilometres} km nên chưa gửi. Anh/chị vui lòng gõ tên đường và mốc gần nhất.`;
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
