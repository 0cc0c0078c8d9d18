package dev.coppice.simulator.dealing;

import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.extension.DeviceClass.Battery;
import dev.coppice.simulator.extension.DeviceClass.Hours;
import dev.coppice.simulator.extension.DeviceClass.Network;
import dev.coppice.simulator.extension.DeviceClasses;
import java.util.List;

/**
 * {@code phones-and-desktops}: old and new phones that are charged at night, and desktops that are idle out of office hours.
 * Figures are of an order that is usual, and measured nowhere.
 */
public final class PhonesAndDesktops implements DeviceClasses {
    @Override
    public String name() {
        return "phones-and-desktops";
    }

    @Override
    public List<DeviceClass> classes() {
        Hours night = new Hours(22, 7, 8);
        return List.of(
                new DeviceClass(
                        "phone-old", 0.4, 600, 2048, new Network(120, 200, 100, 400), new Battery(0.6, 0.002), night),
                new DeviceClass(
                        "phone-new", 0.4, 120, 8192, new Network(40, 60, 500, 3000), new Battery(0.7, 0.0005), night),
                new DeviceClass(
                        "desktop",
                        0.2,
                        30,
                        16384,
                        new Network(15, 10, 2000, 8000),
                        new Battery(1, 0),
                        new Hours(17, 9, 8)));
    }
}
