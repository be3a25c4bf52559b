namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramPathMtuTests
{
    private const int Mtu = 1500;
    private const int LargestPayload = Mtu - 20 - 8;   // headers of IPv4 and UDP

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Send_LargerThanTheInterface_LostAndNotCutInPieces(bool portable)
    {
        (DatagramEndpoint client, DatagramEndpoint server) = await BindAsync(portable);
        await using DatagramEndpoint c = client, s = server;
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Foreign, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Foreign, sender);

        await client.SendAsync(sender, server.LocalAddress, Filled(LargestPayload + 1));
        await client.SendAsync(sender, server.LocalAddress, Filled(LargestPayload));

        await server.UntilAsync(() => receiver.Inbox.Any(d => d.Bytes.Length == LargestPayload), "the one that fits");
        Assert.HasCount(1, receiver.Inbox);
        await client.UntilAsync(() => client.GetStatistics() is { SendsDropped: 1, DatagramsSent: 1 }, "one lost, one sent");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Send_RunWhoseDatagramsFit_ArrivesAndOneWhoseDatagramsDoNotIsLost(bool portable)
    {
        (DatagramEndpoint client, DatagramEndpoint server) = await BindAsync(portable);
        await using DatagramEndpoint c = client, s = server;
        var receiver = new TestMachine();
        server.Attach(DatagramKind.Foreign, receiver);
        var sender = new TestMachine();
        client.Attach(DatagramKind.Foreign, sender);

        await client.SendAsync(sender, server.LocalAddress, Filled(10 * (LargestPayload + 100)), segment: LargestPayload + 100);
        await client.SendAsync(sender, server.LocalAddress, Filled((40 * LargestPayload) + 11), segment: LargestPayload);

        await server.UntilAsync(() => receiver.Inbox.Count == 41, "the run that fits");
        await client.UntilAsync(() => client.GetStatistics() is { SendsDropped: 10, DatagramsSent: 41 }, "ten lost, 41 sent");
        CollectionAssert.AreEqual(
            Enumerable.Repeat(LargestPayload, 40).Append(11).ToArray(),
            receiver.Inbox.Select(d => d.Bytes.Length).ToArray());
    }

    private static Task<(DatagramEndpoint Client, DatagramEndpoint Server)> BindAsync(bool portable) =>
        OwnNetwork.MakeAsync(Mtu, () => (TestEndpoints.Bind(portable), TestEndpoints.Bind(portable)));

    private static byte[] Filled(int bytes)
    {
        byte[] payload = new byte[bytes];
        payload.AsSpan().Fill(0xFF);
        return payload;
    }
}
