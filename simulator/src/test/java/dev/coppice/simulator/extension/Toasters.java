package dev.coppice.simulator.extension;

import java.util.List;

/** An example of a set of device classes. */
public final class Toasters implements DeviceClasses {
    @Override
    public String name() {
        return "example-toasters";
    }

    @Override
    public List<DeviceClass> classes() {
        DeviceClass plain = DeviceClass.PLAIN;
        return List.of(new DeviceClass(
                "toaster", 1, 5_000, 64, plain.network(), plain.battery(), new DeviceClass.Hours(6, 9, 0)));
    }
}
