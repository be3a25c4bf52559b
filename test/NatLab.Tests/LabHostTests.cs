using System.Net;
using System.Net.Sockets;

namespace CS3103P2P.NatLab.Tests;

[TestClass]
public sealed class LabHostTests
{
    [TestMethod]
    public async Task Start_Program_RunsOnTheHost()
    {
        await using var net = await TestLab.CreateAsync();
        var host = (await net.Lab.AddHomeAsync(NatKind.Linux)).Hosts[0];
        using var program = host.Start("ip", "-4", "-brief", "address", "show", "eth0");
        string output = await program.StandardOutput.ReadToEndAsync();
        await program.WaitForExitAsync();
        StringAssert.Contains(output, $"{host.Address}/24");
        Assert.AreEqual(0, program.ExitCode);
    }

    [TestMethod]
    public async Task RunAsync_SocketMadeAfterAnAwait_BelongsToTheHost()
    {
        await using var net = await TestLab.CreateAsync();
        var host = (await net.Lab.AddHomeAsync(NatKind.FullCone)).Hosts[0];
        using var socket = await host.RunAsync(async () =>
        {
            await Task.Yield();
            await Task.Run(() => true);
            return new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        });
        socket.Bind(new IPEndPoint(host.Address, 0));
        Assert.IsNotNull(await Prober.MapAsync(socket, net.Echo.Primary));
    }

    [TestMethod]
    public async Task Run_CodeThatThrows_ThrowsHere()
    {
        await using var net = await TestLab.CreateAsync();
        var host = net.Lab.Servers[0];
        Assert.ThrowsExactly<FormatException>(() => host.Run(() => throw new FormatException()));
        await Assert.ThrowsExactlyAsync<FormatException>(() => host.RunAsync(() => throw new FormatException()));
        Assert.AreEqual(7, host.Run(() => 7));
    }
}
