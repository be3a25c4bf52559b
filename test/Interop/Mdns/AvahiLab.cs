using CS3103P2P.Interop.Support;

namespace CS3103P2P.Interop.Mdns;

/// <summary>Two hosts on one cable: ours, and one with an avahi-daemon on a message bus of its own. Nothing of the machine's own is touched.</summary>
internal sealed class AvahiLab : IAsyncDisposable
{
    public const string Ours = "a";
    public const string Avahi = "b";
    public const string OurAddress = "192.168.88.1";
    public const string AvahiAddress = "192.168.88.2";

    private readonly NamespaceLab _lab = new();
    private LabProgram? _daemon;

    private string BusAddress => "unix:path=" + Path.Combine(_lab.Folder, "bus");

    /// <summary>What avahi has logged.</summary>
    public string DaemonLog => _daemon!.Output;

    public static async Task<AvahiLab> StartAsync()
    {
        NamespaceLab.Require("avahi-daemon", "avahi-browse", "avahi-publish-service", "dbus-daemon", "unshare", "dotnet");
        var lab = new AvahiLab();
        try
        {
            await lab.BuildAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public LabProgram StartAgent(string where, string name, int port) =>
        _lab.StartAgent(where, "lan", name, port.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Starts an avahi tool on avahi's host.</summary>
    public LabProgram StartTool(params string[] command) => _lab.Start(Avahi, ["env", "DBUS_SYSTEM_BUS_ADDRESS=" + BusAddress, .. command]);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private async Task BuildAsync()
    {
        await _lab.AddAsync(Ours);
        await _lab.AddAsync(Avahi);
        await _lab.LinkAsync(Ours, "eth0", OurAddress + "/24", Avahi, "eth0", AvahiAddress + "/24");
        string bus = Path.Combine(_lab.Folder, "bus.conf");
        await File.WriteAllTextAsync(bus, $"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>session</type>
              <listen>{BusAddress}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
              </policy>
            </busconfig>
            """);
        LabProgram dbus = _lab.Start(Avahi, "dbus-daemon", "--config-file=" + bus, "--nofork", "--nopidfile", "--print-address");
        await dbus.WaitForLineAsync("unix:path=");

        string configuration = Path.Combine(_lab.Folder, "avahi.conf");
        await File.WriteAllTextAsync(configuration, """
            [server]
            host-name=avahihost
            use-ipv4=yes
            use-ipv6=yes
            enable-dbus=yes
            allow-interfaces=eth0
            [wide-area]
            enable-wide-area=no
            [publish]
            publish-workstation=no
            [rlimits]

            """);

        // avahi keeps its pid file under /run: a mount namespace gives it an empty one, so that it does not meet the machine's own daemon.
        string command = $"mount -t tmpfs none /run && exec avahi-daemon -f {configuration} --no-drop-root --no-chroot --no-proc-title --debug";
        _daemon = StartTool("unshare", "-m", "sh", "-c", command);
        await _daemon.WaitForLineAsync("Server startup complete");
    }
}
