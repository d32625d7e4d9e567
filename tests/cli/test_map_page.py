# SPDX-License-Identifier: MIT
"""The page of astrom3 map in a headless Chromium: what is seen, clicked and typed. Run with ASTROM3_CLI set."""

import json
import math
import sys
import unittest
from urllib.parse import quote

from chromium import Browser, find_chromium
from test_cli import run
from test_map import HOSTILE, Stars, rows_of

SKIPPED = 77


class ThePageInABrowser(Stars):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(find_chromium())

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def open(self, page, object_id=None):
        self.address = page.as_uri()
        self.browser.requests.clear()
        self.browser.complaints.clear()
        self.browser.open(self.address + ("" if object_id is None else "#" + quote(object_id, safe="!~*'()")))
        self.browser.wait("window.astrom3Map && astrom3Map.place(0)[0] > 0")

    def tearDown(self):
        if hasattr(self, "address"):
            self.assertEqual(self.browser.complaints, [])
            self.assertTrue(all(request.startswith((self.address, "about:")) for request in self.browser.requests),
                            self.browser.requests)
        super().tearDown()

    def place(self, i):
        x, y = self.browser.run(f"astrom3Map.place({i})")
        left, top = self.browser.run("(({left, top}) => [left, top])(document.getElementById('map')"
                                     ".getBoundingClientRect())")
        return left + x, top + y

    def text(self, selector):
        return self.browser.run(f"document.querySelector({json.dumps(selector)})?.textContent ?? null")

    def centre_of(self, selector):
        return self.browser.run(f"(({{left, top, width, height}}) => [left + width / 2, top + height / 2])"
                                f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")

    def count(self, selector):
        return self.browser.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def test_a_click_shows_the_light_curve_folded_and_the_neighbours_which_can_be_followed(self):
        self.open(self.page())
        self.assertIn("Choose a point", self.text("#panel"))
        self.browser.click(*self.place(1))
        self.assertEqual((self.text("#panel h2"), self.text("#class")), ("a1", "A"))
        self.assertIn("1.6 d", self.text("#panel dl"))
        self.assertIn("phase at 1.6 d", self.text("#folded"))
        self.assertEqual(self.count("#folded circle"), 120)  # two turns
        self.assertEqual(self.count("#raw circle"), 60)
        self.assertIn("time − 2457000 [d]", self.text("#raw"))
        self.assertEqual(self.count("#neighbours li"), 4)
        nearest = self.text("#neighbours li span").split("A,")[0]
        code, out, err = run("search", self.table, "--id", "a1", "-k", 1)
        self.assertEqual(rows_of(out)[0]["object_id"], nearest, err)
        self.browser.click(*self.centre_of("#neighbours button"))
        self.assertEqual(self.text("#panel h2"), nearest)
        self.assertEqual(self.browser.run("location.hash"), "#" + nearest)
        self.browser.run("history.back()")
        self.browser.wait("document.querySelector('#panel h2')?.textContent === 'a1'")

    def test_the_folded_curve_is_the_sine_that_was_given(self):
        self.open(self.page(), "a0")
        # The light curve is 40 + 3 sin(2 pi t / P): folded, |sine of the phase difference| follows from the flux.
        self.browser.click(*self.centre_of(".choices button:nth-child(2)"))
        self.assertIn("flux [mJy]", self.text("#folded"))
        worst = self.browser.run("""(() => {
          const points = [...document.querySelectorAll("#folded circle")].map((c) => [+c.getAttribute("cx"), +c.getAttribute("cy")]);
          const t0 = astrom3Map.data.curves[0].time[0], [low, range] = astrom3Map.data.curves[0].flux;
          const [y0, y1] = [Math.min(...points.map((p) => p[1])), Math.max(...points.map((p) => p[1]))];
          return Math.max(...points.map(([x, y]) => {
            const phase = (x - 58) / (386 - 58) * 2 + t0 / 0.6, flux = low + range * (y1 - y) / (y1 - y0);
            return Math.abs(flux - 40 - 3 * Math.sin(2 * Math.PI * phase));
          }));
        })()""")
        self.assertLess(worst, 0.075)  # what light_curve() adds to the sine is at most 0.06, 16 bits the rest
        self.browser.click(*self.centre_of(".choices button:first-child"))
        self.assertIn("AB magnitude", self.text("#folded"))
        self.assertTrue(self.browser.run("""(() => {
          const labels = [...document.querySelectorAll("#folded text[text-anchor=end]")];
          const bright = labels.reduce((a, b) => (+a.textContent < +b.textContent ? a : b));
          return labels.every((l) => +l.getAttribute("y") >= +bright.getAttribute("y"));
        })()"""), "the brightest magnitude is not on top")
        magnitude = 16.4 - 2.5 * math.log10(40)
        values = self.browser.run("[...document.querySelectorAll('#folded text[text-anchor=end]')].map((l) => +l.textContent)")
        self.assertTrue(min(values) - 0.1 < magnitude < max(values) + 0.1, values)

    def test_a_hostile_id_is_nothing_but_text(self):
        self.open(self.page(), HOSTILE)
        self.assertEqual((self.text("#panel h2"), self.text("#class")), (HOSTILE, "no class"))
        self.assertIn("No light curve", self.text("#panel"))
        self.browser.move(*self.place(35))
        self.assertIn(HOSTILE, self.text("#tip"))

    def test_keys_alone_are_enough(self):
        self.open(self.page())
        self.browser.press("/", "/")
        self.assertEqual(self.browser.run("document.activeElement.id"), "search")
        self.browser.type("A2")
        self.assertEqual(self.text("#matches"), "a2")
        self.browser.press("Enter", "\r")
        self.assertEqual((self.text("#panel h2"), self.browser.run("document.activeElement.id")), ("a2", "map"))
        self.assertIn("a2, A, period 2.6 days", self.text("#spoken"))
        x, y = self.place(2)
        walked = set()
        for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown") * 2:
            self.browser.press(key)
            walked.add(self.text("#panel h2"))
        self.assertGreater(len(walked), 2)
        before = self.browser.run("astrom3Map.place(0)[0] - astrom3Map.place(1)[0]")
        self.browser.press("+", "+")
        after = self.browser.run("astrom3Map.place(0)[0] - astrom3Map.place(1)[0]")
        self.assertAlmostEqual(after / before, 1.4, places=6)
        self.browser.press("0", "0")
        self.assertEqual([round(v, 6) for v in self.place(2)], [round(v, 6) for v in (x, y)])
        self.browser.press("Escape")
        self.assertIn("Choose a point", self.text("#panel"))

    def test_legend_layout_and_colours_change_the_picture(self):
        self.open(self.page())
        picture = "document.getElementById('map').toDataURL()"
        pictures = {self.browser.run(picture)}
        for change in ("document.querySelector('#legend input').click()",
                       "document.querySelectorAll('#layouts input')[1].click()",
                       "(() => { const c = document.getElementById('colour'); c.value = 'amplitude'; "
                       "c.dispatchEvent(new Event('change')); })()"):
            self.browser.run(change)
            pictures.add(self.browser.run(picture))
        self.assertEqual(len(pictures), 4)
        self.assertIn("principal components", self.text("#summary"))
        self.assertIn("amplitude [mag]", self.text("#legend"))
        self.assertIn("0123abcd", self.text("#origin"))

    def test_a_hidden_class_cannot_be_clicked(self):
        self.open(self.page())
        self.browser.run("document.querySelector('#legend .all button:last-child').click()")
        self.browser.click(*self.place(1))
        self.assertIn("Choose a point", self.text("#panel"))

    def test_dark_where_the_system_is(self):
        page = self.page()
        colour = "getComputedStyle(document.body).backgroundColor"
        self.open(page)
        light = self.browser.run(colour)
        self.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        dark = self.browser.run(colour)
        self.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        self.assertEqual((light, dark), ("rgb(255, 255, 255)", "rgb(18, 21, 26)"))


if __name__ == "__main__":
    if not find_chromium():
        print("skipped: there is no Chromium to look at the page with (apt-get install chromium)")
        sys.exit(SKIPPED)
    unittest.main()
