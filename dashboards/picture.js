// Once on every page: a button on each card that saves it as a PNG, with what it is of and as of when.
// The card is drawn again by the browser itself: its elements, the page's style and its fonts inside an SVG.
const CARDS = '[class*="st-key-card-"], .q-index, .q-tiles, .q-card:not(.q-state)';
const EDGE = 16; // pixels around the card
const LINES = 60; // pixels of the lines above and below it

function* rules(sheets) {
  for (const sheet of sheets) {
    let found = [];
    try {
      found = sheet.cssRules;
    } catch {
      continue; // a sheet that may not be read styles no card
    }
    for (const rule of found) {
      if (rule instanceof CSSImportRule) yield* rules([rule.styleSheet]);
      else yield [rule, sheet];
    }
  }
}

function dataAddress(blob) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
}

// Only the pieces of the font that the page has used: nothing can be fetched from inside a picture.
async function style() {
  const plain = (range) => range.replaceAll(" ", "").toLowerCase();
  const used = new Set([...document.fonts].filter((font) => font.status === "loaded").map((font) => plain(font.unicodeRange)));
  const pieces = [];
  for (const [rule, sheet] of rules(document.styleSheets)) {
    if (!(rule instanceof CSSFontFaceRule)) {
      pieces.push(rule.cssText);
      continue;
    }
    const address = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src"));
    if (!address || !used.has(plain(rule.style.getPropertyValue("unicode-range")))) continue;
    const answer = await fetch(new URL(address[1], sheet.href ?? document.baseURI));
    if (answer.ok) pieces.push(rule.cssText.replace(address[0], `url("${await dataAddress(await answer.blob())}")`));
  }
  return pieces.join("\n");
}

function copied(card) {
  const copy = card.cloneNode(true);
  const drawn = card.querySelectorAll("canvas");
  copy.querySelectorAll("canvas").forEach((canvas, at) => {
    const image = document.createElement("img");
    image.src = drawn[at].toDataURL("image/png");
    image.style.cssText = `${canvas.style.cssText};width:${drawn[at].clientWidth}px;height:${drawn[at].clientHeight}px`;
    canvas.replaceWith(image);
  });
  for (const extra of copy.querySelectorAll(".q-picture, .modebar-container, .deck-tooltip, .hoverlayer")) extra.remove();
  return copy;
}

function line(text, size) {
  const made = document.createElement("div");
  made.style.cssText = `font-size:${size}px;line-height:22px;height:22px;overflow:hidden`;
  made.textContent = text;
  return made;
}

async function picture(card, data) {
  const { width, height } = card.getBoundingClientRect();
  const app = getComputedStyle(document.querySelector(".stApp"));
  const frame = document.createElement("div");
  frame.className = "stApp";
  frame.style.cssText = `position:static;box-sizing:content-box;width:${width}px;padding:${EDGE}px;background:${app.backgroundColor}`;
  const body = copied(card);
  body.style.cssText += `;box-sizing:border-box;width:${width}px;height:${height}px;margin:4px 0`;
  frame.append(line(data.head, 14), body, line(data.foot, 12));
  const sheet = document.createElement("style");
  sheet.textContent = await style();
  const page = document.createElement("div");
  page.append(sheet, frame);
  const [w, h] = [width + 2 * EDGE, height + 2 * EDGE + LINES];
  const inside = new XMLSerializer().serializeToString(page);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}"><foreignObject width="100%" height="100%">${inside}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.max(2, window.devicePixelRatio);
  [canvas.width, canvas.height] = [w * scale, h * scale];
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = app.backgroundColor;
  pen.fillRect(0, 0, w, h);
  pen.drawImage(image, 0, 0);
  return canvas.toDataURL("image/png");
}

function buttons() {
  const data = window.__qingyuPicture;
  document.querySelectorAll(CARDS).forEach((card, at) => {
    if (card.parentElement.closest(CARDS) || card.querySelector(":scope > .q-picture")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "q-picture";
    button.textContent = data.label;
    button.title = data.hint;
    button.setAttribute("aria-label", data.hint);
    button.onclick = async (event) => {
      event.stopPropagation();
      button.disabled = true;
      try {
        const link = document.createElement("a");
        link.href = await picture(card, window.__qingyuPicture);
        const key = /st-key-card-([\w-]+)/.exec(card.className);
        link.download = `${window.__qingyuPicture.name}-${key ? key[1] : at + 1}.png`;
        link.click();
      } finally {
        button.disabled = false;
      }
    };
    card.append(button);
  });
}

export default function (component) {
  window.__qingyuPicture = component.data;
  for (const old of document.querySelectorAll(".q-picture")) old.remove();
  buttons();
  window.__qingyuPictures?.disconnect();
  window.__qingyuPictures = new MutationObserver(buttons);
  window.__qingyuPictures.observe(document.body, { subtree: true, childList: true });
}
