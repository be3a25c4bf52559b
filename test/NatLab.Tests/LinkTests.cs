using System.Diagnostics;
using System.Net.Sockets;

namespace CS3103P2P.NatLab.Tests;

/// <summary>Emulated links carry real packets. Upper bounds are wide, for a busy machine; lower bounds are what physics promises.</summary>
[TestClass]
public sealed class LinkTests
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(10);

    [TestMethod]
    [DataRow(0)]
    [DataRow(20)]
    [DataRow(80)]
    public async Task Delay_OneWay_DoublesIntoTheRoundTrip(int milliseconds)
    {
        await using var net = await TestLab.CreateAsync();
        var (home, socket) = await AddHomeAsync(net, new LinkConditions { Delay = TimeSpan.FromMilliseconds(milliseconds) });
        using var owned = socket;
        double fastest = double.MaxValue;
        for (int round = 0; round < 8; round++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.IsNotNull(await Prober.MapAsync(socket, net.Echo.Primary));
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        Assert.IsTrue(fastest >= 2 * milliseconds && fastest < (2 * milliseconds * 1.25) + 10, $"{fastest} ms at {home.Hosts[0].Name}");
    }

    [TestMethod]
    public async Task Loss_OfAQuarter_LosesAQuarter()
    {
        const int Sent = 2000;
        await using var net = await TestLab.CreateAsync();
        var (home, socket) = await AddHomeAsync(net, new LinkConditions());
        using var owned = socket;
        Assert.IsNotNull(await Prober.MapAsync(socket, net.Echo.Primary));
        home.SetLink(new LinkConditions { Loss = 0.25 });
        await SendPacedAsync(socket, net.Echo, Sent, bytes: 100, packetsAMillisecond: 4);
        await SettleAsync(net.Echo);
        // Five standard deviations are 0.05.
        Assert.AreEqual(0.75, (double)net.Echo.Counted.Datagrams / Sent, 0.06);
    }

    [TestMethod]
    public async Task Rate_OfFourMegabits_IsWhatArrives()
    {
        const long Rate = 4_000_000;
        await using var net = await TestLab.CreateAsync();
        var (_, socket) = await AddHomeAsync(net, new LinkConditions { RateBitsPerSecond = Rate, Queue = TimeSpan.FromSeconds(2) });
        using var owned = socket;
        Assert.IsNotNull(await Prober.MapAsync(socket, net.Echo.Primary));
        await SendPacedAsync(socket, net.Echo, packets: 300, bytes: 1200, packetsAMillisecond: 5);
        await SettleAsync(net.Echo);
        Assert.AreEqual(300, net.Echo.Counted.Datagrams);
        // 1200 bytes of payload travel in frames of 1242.
        double share = net.Echo.Counted.BitsPerSecond / Rate;
        Assert.IsTrue(share is > 0.8 and < 1.05, $"share of the rate: {share}");
    }

    [TestMethod]
    public async Task SetLink_WithoutEmulation_SaysSo()
    {
        await using var net = await TestLab.CreateAsync();
        var home = await net.Lab.AddHomeAsync(NatKind.None);
        Assert.ThrowsExactly<InvalidOperationException>(() => home.SetLink(new LinkConditions()));
    }

    private static async Task<(Home Home, Socket Socket)> AddHomeAsync(TestLab net, LinkConditions link)
    {
        var home = await net.Lab.AddHomeAsync(NatKind.PortRestricted, new HomeOptions { Link = link });
        return (home, Prober.Open(home.Hosts[0]));
    }

    private static async Task SendPacedAsync(Socket socket, EchoServer echo, int packets, int bytes, int packetsAMillisecond)
    {
        string text = "count ".PadRight(bytes, '.');
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (int sent = 0; sent < packets; sent++)
        {
            if (sent % packetsAMillisecond == 0) await timer.WaitForNextTickAsync();
            Prober.Send(socket, text, echo.Primary);
        }
    }

    /// <summary>Waits until nothing has come for a while.</summary>
    private static async Task SettleAsync(EchoServer echo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(400));
        long start = Stopwatch.GetTimestamp();
        int before = -1;
        while (before != echo.Counted.Datagrams && Stopwatch.GetElapsedTime(start) < SettlePatience)
        {
            before = echo.Counted.Datagrams;
            await timer.WaitForNextTickAsync();
        }
    }
}
