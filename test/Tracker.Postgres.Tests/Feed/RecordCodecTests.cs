using System.Net;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Postgres.Feed;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Postgres.Tests.Feed;

[TestClass]
public sealed class RecordCodecTests
{
    private static readonly RegistrantKey[] Keys =
    [
        RegistrantKey.Proven(new TransportAddress(IPAddress.Parse("203.0.113.5"), 6881), new PeerId(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray())),
        RegistrantKey.Proven(new TransportAddress(IPAddress.Parse("2001:db8::5"), 1), default),
        RegistrantKey.Unproven(new TransportAddress(IPAddress.Parse("10.0.0.1"), 7), new TransportAddress(IPAddress.Parse("192.0.2.1"), 6881)),
    ];

    [TestMethod]
    public void TryReadKey_OfWhatWasEncoded_IsTheSame()
    {
        foreach (RegistrantKey key in Keys)
        {
            Assert.IsTrue(RecordCodec.TryReadKey(RecordCodec.Encode(key), out RegistrantKey read));
            Assert.AreEqual(key, read);
        }
    }

    [TestMethod]
    public void TryReadKey_TruncatedOrMutated_NeverThrows()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        foreach (byte[] bytes in Keys.Select(key => RecordCodec.Encode(key)))
        {
            for (int length = 0; length < bytes.Length; length++) Assert.IsFalse(RecordCodec.TryReadKey(bytes.AsSpan(0, length), out _) && length != 44, $"length {length}");
            for (int i = 0; i < 2_000; i++)
            {
                byte[] mutated = [.. bytes];
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                if (RecordCodec.TryReadKey(mutated, out RegistrantKey key)) CollectionAssert.AreEqual(mutated, RecordCodec.Encode(key), $"seed {Seed}");
            }
        }
    }
}
