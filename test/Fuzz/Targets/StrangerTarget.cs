using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Fuzz;

/// <summary>
/// A tracker that holds entries which cookies protect, and strangers without a cookie, who share an IP address with their owner. Whatever they send, the
/// entries stay as they are, and who shows no cookie gets at most three bytes for each when it uses extensions.
/// </summary>
internal sealed class StrangerTarget
{
    private const int OwnedFiles = 50;
    private const int LookEvery = 1_024;
    private const long StepMicros = 10;
    private static readonly TransportAddress Owner = TransportAddress.FromIPv4(0xCB007107, 6881);
    private static readonly TransportAddress Stranger = TransportAddress.FromIPv4(0xCB007107, 6882);

    private readonly TrackerCore _core;
    private readonly byte[] _reply = new byte[TrackerLimits.MaxRequestBytes];
    private readonly RegistrantKey _key = RegistrantKey.Proven(Owner, new PeerId(Enumerable.Repeat((byte)0xAB, PeerId.SizeInBytes).ToArray()));
    private readonly string _expected;
    private long _micros = 1_000_000;
    private long _inputs;

    public StrangerTarget()
    {
        _core = new TrackerCore(new TrackerCoreOptions { RequestsPerSecond = 0, LiteralBytesPerSecond = 0 }, "a secret of 16 b"u8, new Random(1));
        _core.AddSocket();
        string cookie = Ask($"REFRESH peer={Hex} id=1")["CHALLENGE cookie=".Length..][..16];
        for (int file = 0; file < OwnedFiles; file++)
        {
            string reply = Ask($"REQUEST 4 {(file == 0 ? "test.txt" : $"f{file}")} - - chunks=1-10,{file + 20} peer={Hex} lease=3600 cookie={cookie} id=2");
            Check.That(reply.StartsWith("RESPONSE OK", StringComparison.Ordinal), reply);
        }

        _expected = Describe();
    }

    private static string Hex => string.Concat(Enumerable.Repeat("ab", PeerId.SizeInBytes));

    public void Run(ReadOnlySpan<byte> input)
    {
        // Within the owner's lease: its end would be a change too.
        var now = new MonotonicTime(_micros += _micros < 3_000_000_000 ? StepMicros : 0);
        int length = _core.Answer(now, 0, Stranger, input, _reply);
        bool isExtended = TrackerRequestParser.TryParse(input, out TrackerRequest request) == TrackerRequestError.None && request.Extensions.Any;
        Check.That(!isExtended || length <= input.Length * TrackerLimits.MaxUnprovenAmplification, "more than three bytes for one");
        int kept = _core.Registry.EntryCount - _core.Registry.UnprovenEntryCount;
        Check.That(kept == OwnedFiles, "a stranger changed how many protected entries there are");
        if (++_inputs % LookEvery == 0) Check.That(Describe() == _expected, "a stranger changed a protected entry");
    }

    private string Describe()
    {
        Registrant owner = _core.Registry.Find(_key) ?? throw new InvalidOperationException("The owner is gone.");
        return $"{owner.Listed} {string.Join(';', owner.Entries.Values.Select(entry => $"{Encoding.UTF8.GetString(entry.File.Name)} {entry.Chunks}"))}";
    }

    private string Ask(string request)
    {
        int length = _core.Answer(new MonotonicTime(_micros), 0, Owner, Encoding.ASCII.GetBytes(request), _reply);
        return Encoding.ASCII.GetString(_reply, 0, length);
    }
}
