using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class UdpSocketFactoryTests
{
    [TestMethod]
    [DataRow(AddressFamily.InterNetwork)]
    [DataRow(AddressFamily.InterNetworkV6)]
    public void ForbidFragments_OnLinux_ProbesThePathForBothFamilies(AddressFamily family)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The option is Linux's own.");
        if (family == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6) Assert.Inconclusive("This machine has no IPv6.");
        using var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        if (family == AddressFamily.InterNetworkV6) socket.DualMode = true;

        UdpSocketFactory.ForbidFragments(socket, NullLogger.Instance);

        Assert.AreEqual(LinuxNative.IpPmtuDiscProbe, ReadOption(socket, LinuxNative.SolIp, LinuxNative.IpMtuDiscover));
        if (family == AddressFamily.InterNetworkV6)
            Assert.AreEqual(LinuxNative.IpPmtuDiscProbe, ReadOption(socket, LinuxNative.SolIpv6, LinuxNative.Ipv6MtuDiscover));
    }

    [TestMethod]
    public void FragmentSwitch_OnLinux_AllowsAndForbidsAgain()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The option is Linux's own.");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var fragments = new FragmentSwitch(socket, alwaysAllowed: false, NullLogger.Instance);
        fragments.Set(true);
        Assert.AreEqual(LinuxNative.IpPmtuDiscDont, ReadOption(socket, LinuxNative.SolIp, LinuxNative.IpMtuDiscover));
        fragments.Set(false);
        Assert.AreEqual(LinuxNative.IpPmtuDiscProbe, ReadOption(socket, LinuxNative.SolIp, LinuxNative.IpMtuDiscover));
    }

    [TestMethod]
    public void Bind_OnLinux_TheBatchedPathUnlessForbidden()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Only Linux has a batched path.");
        var log = new ListLogger();
        using IDatagramSocket batched = UdpSocketFactory.Bind(new DatagramEndpointOptions { Logger = log });
        using IDatagramSocket portable = UdpSocketFactory.Bind(new DatagramEndpointOptions { ForcePortableIo = true });

        Assert.IsInstanceOfType<LinuxDatagramSocket>(batched);
        Assert.IsInstanceOfType<PortableDatagramSocket>(portable);
        Assert.IsTrue(log.Entries.Any(e => e.Level == LogLevel.Debug && e.Message.Contains("receive buffer", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(int.MaxValue)]
    public void Bind_BufferOutOfRange_ArgumentOutOfRange(int bytes) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DatagramEndpoint.Bind(new DatagramEndpointOptions { ReceiveBufferBytes = bytes }));

    private static int ReadOption(Socket socket, int level, int name)
    {
        byte[] value = new byte[sizeof(int)];
        socket.GetRawSocketOption(level, name, value);
        return BitConverter.ToInt32(value);
    }
}
