import { expect, it } from "vitest";
import { joinRegion, PROVINCES, splitRegion } from "@/lib/region";

it("splits what it joined, for every province, with and without a city", () => {
  expect(PROVINCES).toHaveLength(34);
  for (const province of PROVINCES) {
    for (const city of ["", "太原市"]) {
      expect(splitRegion(joinRegion(province, city))).toEqual({ province, city });
    }
  }
});

it("keeps a region that begins with no province", () => {
  expect(splitRegion("Ulaanbaatar")).toEqual({ province: "", city: "Ulaanbaatar" });
  expect(joinRegion("", " Ulaanbaatar ")).toBe("Ulaanbaatar");
  expect(splitRegion("")).toEqual({ province: "", city: "" });
});

it("does not say the province twice", () => {
  expect(joinRegion("山西省", "山西省太原市")).toBe("山西省太原市");
});
