// A table wider than the screen scrolls in its frame; the keyboard must be able to reach it.
export function reachScrolling(root) {
  const frames = [...root.querySelectorAll(".table-wrap")];
  const mark = () => {
    for (const frame of frames) {
      if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
    }
  };
  mark();
  addEventListener("resize", mark);
}
