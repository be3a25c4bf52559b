using CS3103P2P.Protocol;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Stun.Tests.Ice;

[TestClass]
public sealed class IceOfferCodecTests
{
    private const int MaxForwardedBytes = 700;

    [TestMethod]
    public void TryParse_OfWhatEncodeWrote_GivesTheSame()
    {
        IceOffer offer = Sample(5);
        Assert.IsTrue(IceOfferCodec.TryParse(IceOfferCodec.Encode(offer), out IceOffer? read));
        CollectionAssert.AreEqual(offer.Candidates.ToArray(), read.Candidates.ToArray());
        Assert.AreEqual(offer.Credentials.Password, read.Credentials.Password);
        Assert.AreEqual(offer with { Candidates = read.Candidates, Credentials = read.Credentials }, read);
    }

    [TestMethod]
    public void Encode_LargestOffer_FitsTheRendezvousMessage()
    {
        Assert.IsLessThanOrEqualTo(MaxForwardedBytes, IceOfferCodec.MaxBytes);
        var credentials = new IceCredentials(new string('f', IceCredentials.MaxFragmentLength), new string('p', IceCredentials.MaxPasswordLength));
        byte[] bytes = IceOfferCodec.Encode(Sample(IceAgent.MaxCandidates) with { Credentials = credentials });
        Assert.IsLessThanOrEqualTo(IceOfferCodec.MaxBytes, bytes.Length);
        Assert.IsTrue(IceOfferCodec.TryParse(bytes, out IceOffer? read));
        Assert.HasCount(IceOfferCodec.MaxCandidates, read.Candidates);
    }

    [TestMethod]
    public void TryParse_EveryTruncation_IsRefused()
    {
        byte[] bytes = IceOfferCodec.Encode(Sample(6));
        for (int length = 0; length < bytes.Length; length++) Assert.IsFalse(IceOfferCodec.TryParse(bytes.AsSpan(0, length), out _), $"length {length}");
    }

    [TestMethod]
    public void TryParse_MutatedBytes_NeverThrowsAndGivesUsableOffers()
    {
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = IceOfferCodec.Encode(Sample(random.Next(8)));
            for (int i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!IceOfferCodec.TryParse(bytes.AsSpan(0, random.Next(bytes.Length / 2, bytes.Length + 1)), out IceOffer? offer)) continue;
            Assert.IsTrue(offer.Candidates.All(c => c.Address.Port != 0 && c.Type != IceCandidateType.PeerReflexive), $"seed {seed}");
            Assert.IsTrue(IceOfferCodec.TryParse(IceOfferCodec.Encode(offer), out _), $"seed {seed}");
        }
    }

    [TestMethod]
    public void TryParse_OtherVersion_IsRefused()
    {
        byte[] bytes = IceOfferCodec.Encode(Sample(1));
        bytes[0] = 2;
        Assert.IsFalse(IceOfferCodec.TryParse(bytes, out _));
    }

    private static IceOffer Sample(int candidates) => new()
    {
        Session = 0x0102030405060708,
        EchoedSession = 9,
        Sequence = 200,
        EchoedSequence = 7,
        Role = IceRole.Controlling,
        TieBreaker = ulong.MaxValue - 5,
        Credentials = new IceCredentials("abcdEF12", "0123456789abcdefghijkl+/"),
        Nat = new IceNat(NatMapping.Dependent, NatFiltering.AddressAndPortDependent, -2),
        Candidates = [.. Enumerable.Range(0, candidates).Select(Candidate)],
    };

    private static IceCandidate Candidate(int number)
    {
        IceCandidateType[] types = [IceCandidateType.Host, IceCandidateType.Mapped, IceCandidateType.ServerReflexive, IceCandidateType.Relayed, IceCandidateType.Predicted];
        TransportAddress address = Addresses.Of(number % 2 == 0 ? $"203.0.113.{number}:{6881 + number}" : $"[2001:db8::{number}]:{6881 + number}");
        return IceCandidate.Create(types[number % types.Length], address);
    }
}
