// What stands on the page as markup that must stand there as text; a page that is no page any more says so too.
(host) => {
  const FORBIDDEN = "iframe,object,embed,base,marquee,math,video,audio,mglyph,x,q-hex,form[action*='//'],meta[http-equiv=refresh]";
  // Attributes that hold text.
  const TEXT = /^(data-.*|title|alt|value|placeholder|aria-label|content|class|id|for|name|key)$/;
  // Words of the corpus that stand between signs of Markdown or tags, so never alone.
  const INNER = new Set(
    "大标题 二级标题 粗 斜 看图 红字 码 退款 点 点我 删 标 本页 引用 围栏 盖住 滚 待办 退款请点这里".split(" "));
  const found = [];
  const look = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const name = one.tagName.toLowerCase();
      if (one.matches(FORBIDDEN)) found.push(one.outerHTML.slice(0, 120));
      if (name === "script" && one.textContent.includes("__hostile")) found.push("script");
      if (name === "style" && one.textContent.includes(host)) found.push("style");
      for (const { name: key, value } of one.attributes) {
        if (key.startsWith("on")) found.push(`${name} ${key}`);
        if (!TEXT.test(key) && (value.includes(host) || /^\s*javascript:/i.test(value)))
          found.push(`${name} ${key}=${value.slice(0, 80)}`);
      }
      if (!one.children.length && INNER.has(one.textContent.trim())) found.push(one.outerHTML.slice(0, 120));
      if (one.shadowRoot) look(one.shadowRoot);
    }
  };
  look(document);
  const main = document.querySelector(".stMain");
  if (!main) found.push("no page");
  else if (main.scrollWidth > innerWidth) found.push(`${main.scrollWidth} pixels wide`);
  return [...found, ...window.__noticed];
}
