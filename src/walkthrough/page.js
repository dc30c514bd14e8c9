"use strict";
// Goes through the steps of a pass, shows formulas, and nudges weights; every number was computed by the program.
(() => {
  const stages = [...document.querySelectorAll("ol.stages li")];
  const networks = [...document.querySelectorAll("svg.network")];
  let current = 0;

  function go(to) {
    current = Math.max(0, Math.min(stages.length - 1, to));
    const chosen = stages[current];
    stages.forEach((stage) => stage.removeAttribute("aria-current"));
    chosen.setAttribute("aria-current", "step");
    const list = chosen.parentElement;
    list.scrollTop = chosen.offsetTop - list.clientHeight / 2 + chosen.clientHeight / 2;
    const shown = chosen.dataset.shown.split(" ");
    for (const network of networks) {
      network.dataset.edges = chosen.dataset.edges;
      [...network.querySelectorAll(".units")].forEach((row, place, rows) => {
        // the outputs of a shallower network go with those of the deepest
        const last = place === rows.length - 1;
        row.dataset.shown = last ? shown[shown.length - 1] : shown[place];
      });
    }
    document.getElementById("back").disabled = current === 0;
    document.getElementById("on").disabled = current === stages.length - 1;
  }

  document.body.classList.add("walked");
  document.getElementById("back").addEventListener("click", () => go(current - 1));
  document.getElementById("on").addEventListener("click", () => go(current + 1));
  stages.forEach((stage, place) => {
    stage.addEventListener("click", () => go(place));
    stage.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        go(place);
      }
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowRight") go(current + 1);
    if (event.key === "ArrowLeft") go(current - 1);
  });
  go(0);

  for (const arm of document.querySelectorAll(".arm")) {
    const pane = arm.querySelector("pre.formula");
    for (const unit of arm.querySelectorAll(".unit")) {
      const show = () => {
        pane.textContent = unit.getAttribute("aria-label");
        arm.querySelectorAll(".pointed").forEach((other) => other.classList.remove("pointed"));
        unit.classList.add("pointed");
      };
      unit.addEventListener("pointerenter", show);
      unit.addEventListener("focus", show);
    }
  }

  const shape = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const short = (value) => {
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e4) ? value.toExponential(3) : value.toFixed(5);
  };
  const weights = JSON.parse(document.getElementById("data").textContent);
  for (const nudge of document.querySelectorAll(".nudge")) {
    const [select, range] = [nudge.querySelector("select"), nudge.querySelector("input")];
    const [said, drawing] = [nudge.querySelector("output"), nudge.querySelector("svg")];
    const of = weights[Number(nudge.dataset.arm)];
    const draw = () => {
      const { curve, derivative } = of[Number(select.value)];
      const [by, cost] = curve[Number(range.value)];
      const start = curve[(curve.length - 1) / 2][1];
      const costs = curve.map((pair) => pair[1]);
      const [low, high] = [Math.min(...costs), Math.max(...costs)];
      const room = (high - low || 1e-12) * 0.15;
      const x = (t) => 60 + ((t - curve[0][0]) / (curve[curve.length - 1][0] - curve[0][0])) * 285;
      const y = (c) => 140 - ((c - low + room) / (high - low + 2 * room)) * 125;
      const ratio = by === 0 ? "" : `, ΔC/Δw = ${short((cost - start) / by)}`;
      said.textContent = `Δw = ${by.toFixed(1)}: C = ${short(cost)}, ΔC = ${short(cost - start)}${ratio}; gradient ∂C/∂w = ${short(derivative)}`;
      range.setAttribute("aria-valuetext", `nudged by ${by.toFixed(1)}`);
      const clipped = (t) => Math.max(-20, Math.min(190, y(start + derivative * t)));
      drawing.replaceChildren(
        shape("path", { class: "axis", d: "M60 12V140H345" }),
        shape("polyline", { class: "cost", points: curve.map(([t, c]) => `${x(t)},${y(c)}`).join(" ") }),
        shape("polyline", { class: "tangent", points: `${x(-0.4)},${clipped(-0.4)} ${x(0.4)},${clipped(0.4)}` }),
        shape("circle", { class: "here", cx: x(by), cy: y(cost), r: 5 }),
        shape("text", { x: 56, y: y(high) + 4, "text-anchor": "end" }, short(high)),
        shape("text", { x: 56, y: y(low) + 4, "text-anchor": "end" }, short(low)),
        shape("text", { x: 60, y: 155 }, curve[0][0].toFixed(1)),
        shape("text", { x: 202, y: 155, "text-anchor": "middle" }, "nudge of the weight"),
        shape("text", { x: 345, y: 155, "text-anchor": "end" }, curve[curve.length - 1][0].toFixed(1)),
        shape("text", { x: 64, y: 20 }, "cost"),
      );
    };
    select.addEventListener("change", draw);
    range.addEventListener("input", draw);
    draw();
  }
})();
