using System.Text;
using CS3103P2P.Peer.Discovery;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Peer.Tests.Discovery;

/// <summary>A tracker whose every answer the test decides, and a client machine beside it, on virtual time.</summary>
internal sealed class FakeTracker
{
    public static readonly TransportAddress Address = TransportAddress.FromIPv4(0xCB007105, 80);

    private readonly byte[] _buffer = new byte[2000];

    public FakeTracker()
    {
        Machine = new TrackerClientMachine(Self, new Random(1));
        Machine.SetTracker(Now, Address);
    }

    public static PeerId Self { get; } = new(Enumerable.Repeat((byte)0xAB, PeerId.SizeInBytes).ToArray());

    public TrackerClientMachine Machine { get; }

    public MonotonicTime Now { get; private set; } = new(1_000_000);

    public List<string> Requests { get; } = [];

    /// <summary>Answers a request; null for silence.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public static string IdOf(string request) => ExtensionOf(request, "id") ?? string.Empty;

    public static string? ExtensionOf(string request, string key) =>
        request.Split(' ').FirstOrDefault(token => token.StartsWith($"{key}=", StringComparison.Ordinal))?[(key.Length + 1)..];

    public void Deliver(string reply) => Machine.HandleDatagram(Now, Address, Encoding.UTF8.GetBytes(reply));

    /// <summary>Runs until nothing is due within the span.</summary>
    public void RunFor(TimeSpan span)
    {
        MonotonicTime end = Now + span;
        for (int turn = 0; turn < 10_000; turn++)
        {
            Drain();
            if (Machine.Deadline is not { } due || due > end)
            {
                Now = end;
                return;
            }

            if (due > Now) Now = due;
            Machine.HandleTimeout(Now);
        }

        Assert.Fail("The machine spins.");
    }

    public TrackerExchange Run(TrackerExchange exchange, TimeSpan span)
    {
        Machine.Start(Now, exchange);
        RunFor(span);
        return exchange;
    }

    private void Drain()
    {
        for (int sent = 0; Machine.PollTransmit(Now, _buffer, out Transmit transmit); sent++)
        {
            Assert.IsLessThan(1000, sent, "The machine floods.");
            Assert.AreEqual(Address, transmit.Destination);
            Assert.IsLessThanOrEqualTo(TrackerLimits.MaxDatagramBytes, transmit.TotalBytes);
            string request = Encoding.UTF8.GetString(_buffer, 0, transmit.TotalBytes);
            Requests.Add(request);
            if (Answer(request) is { } reply) Deliver(reply);
        }
    }
}
