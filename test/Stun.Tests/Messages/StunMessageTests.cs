using System.Text;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Tests;

[TestClass]
public sealed class StunMessageTests
{
    [TestMethod]
    public void TryParse_Rfc5769Request_ReadsEveryAttribute()
    {
        Assert.IsTrue(StunMessage.TryParse(SampleMessages.Request, out StunMessage message));
        Assert.AreEqual(StunClass.Request, message.Class);
        Assert.AreEqual(StunMethod.Binding, message.Method);
        Assert.AreEqual("b7e7a701bc34d686fa87dfae", message.TransactionId.ToString());
        Assert.AreEqual("STUN test client", Text(message, StunAttributeType.Software));
        Assert.AreEqual("evtj:h6vY", Text(message, StunAttributeType.Username));
        Assert.IsTrue(message.TryGetUInt32(StunAttributeType.Priority, out uint priority));
        Assert.AreEqual(0x6e0001ffu, priority);
        Assert.IsTrue(message.TryGetUInt64(StunAttributeType.IceControlled, out ulong tieBreaker));
        Assert.AreEqual(0x932ff9b151263b36ul, tieBreaker);
        Assert.IsTrue(message.Has(StunAttributeType.Fingerprint));
    }

    [TestMethod]
    public void TryParse_Rfc5769Responses_ReadTheMappedAddress()
    {
        Assert.IsTrue(StunMessage.TryParse(SampleMessages.IPv4Response, out StunMessage v4));
        Assert.AreEqual(StunClass.SuccessResponse, v4.Class);
        Assert.IsTrue(v4.TryGetMappedAddress(out TransportAddress address));
        Assert.AreEqual("192.0.2.1:32853", address.ToString());
        Assert.IsTrue(StunMessage.TryParse(SampleMessages.IPv6Response, out StunMessage v6));
        Assert.IsTrue(v6.TryGetMappedAddress(out address));
        Assert.AreEqual("[2001:db8:1234:5678:11:2233:4455:6677]:32853", address.ToString());
    }

    [TestMethod]
    public void TryParse_EveryTruncation_IsRefused()
    {
        foreach (byte[] sample in SampleMessages.All)
        {
            for (int length = 0; length < sample.Length; length++)
            {
                Assert.IsFalse(StunMessage.TryParse(sample.AsSpan(0, length), out _), $"{length} of {sample.Length} bytes");
            }
        }
    }

    [TestMethod]
    public void TryParse_LengthFieldCutWithTheBytes_NeverReadsPastTheEnd()
    {
        foreach (byte[] sample in SampleMessages.All)
        {
            for (int length = StunHeader.SizeInBytes; length < sample.Length; length += 4)
            {
                byte[] cut = sample[..length];
                cut[2] = (byte)((length - StunHeader.SizeInBytes) >> 8);
                cut[3] = (byte)(length - StunHeader.SizeInBytes);
                if (StunMessage.TryParse(cut, out StunMessage message)) ReadAll(message);
            }
        }
    }

    [TestMethod]
    public void TryParse_MutatedMessages_NeverThrowAndNeverPassIntegrity()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] key = StunCredentials.ShortTermKey(SampleMessages.ShortTermPassword);
        byte[][] samples = [.. SampleMessages.All];
        for (int round = 0; round < 50_000; round++)
        {
            byte[] mutated = [.. samples[random.Next(samples.Length)]];
            int changes = random.Next(1, 6);
            for (int i = 0; i < changes; i++) mutated[random.Next(mutated.Length)] ^= (byte)random.Next(1, 256);
            if (!StunMessage.TryParseAnyAge(mutated, out StunMessage message)) continue;
            ReadAll(message);
            int integrityAt = mutated.Length - 32;
            bool untouchedPart = samples.Any(s => s.Length == mutated.Length && s.AsSpan(0, integrityAt).SequenceEqual(mutated.AsSpan(0, integrityAt)));
            if (!untouchedPart) Assert.IsFalse(StunIntegrity.Verify(message, key), $"seed {seed}, round {round}");
        }
    }

    [TestMethod]
    public void TryParse_WrongFingerprintOrNotLast_IsRefused()
    {
        byte[] wrong = SampleMessages.Request;
        wrong[^1] ^= 1;
        Assert.IsFalse(StunMessage.TryParse(wrong, out _));
        var buffer = new byte[100];
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
        writer.WriteFingerprint();
        writer.Write(StunAttributeType.Software, "x");
        Assert.IsTrue(writer.TryFinish(out int length));
        Assert.IsFalse(StunMessage.TryParse(buffer.AsSpan(0, length), out _));
    }

    [TestMethod]
    public void Enumerate_AttributesBehindIntegrity_AreIgnored()
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
        writer.WriteMessageIntegrity("key"u8);
        writer.WriteUInt32(StunAttributeType.Priority, 1);
        writer.WriteMessageIntegritySha256("key"u8);
        writer.WriteUInt32(StunAttributeType.UseCandidate, 1);
        writer.WriteFingerprint();
        Assert.IsTrue(writer.TryFinish(out int length));
        Assert.IsTrue(StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage message));
        var types = new List<StunAttributeType>();
        foreach (StunAttributeView attribute in message) types.Add(attribute.Type);
        CollectionAssert.AreEqual(
            new[] { StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256, StunAttributeType.Fingerprint }, types);
    }

    [TestMethod]
    public void TryParse_MoreAttributesThanAllowed_IsRefused()
    {
        var buffer = new byte[1000];
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, Ids.Of(1));
        for (int i = 0; i < StunMessage.MaxAttributes; i++) writer.Write(StunAttributeType.Padding, []);
        Assert.IsTrue(writer.TryFinish(out int length));
        Assert.IsTrue(StunMessage.TryParse(buffer.AsSpan(0, length), out _));
        writer.Write(StunAttributeType.Padding, []);
        Assert.IsTrue(writer.TryFinish(out length));
        Assert.IsFalse(StunMessage.TryParse(buffer.AsSpan(0, length), out _));
    }

    [TestMethod]
    public void TryParse_WithoutMagicCookie_IsTakenOnlyFromOldClients()
    {
        byte[] old = new byte[20];
        old[1] = 1;
        Assert.IsFalse(StunMessage.TryParse(old, out _));
        Assert.IsTrue(StunMessage.TryParseAnyAge(old, out StunMessage message));
        Assert.IsTrue(message.IsClassic);
    }

    [TestMethod]
    public void EncodeType_EveryMethodAndClass_RoundTrips()
    {
        for (int method = 0; method <= StunHeader.MaxMethod; method++)
        {
            for (int c = 0; c < 4; c++)
            {
                ushort type = StunHeader.EncodeType((StunClass)c, (StunMethod)method);
                Assert.AreEqual(method, (int)StunHeader.DecodeMethod(type));
                Assert.AreEqual(c, (int)StunHeader.DecodeClass(type));
                Assert.AreEqual(0, type & 0xC000);
            }
        }

        Assert.AreEqual(0x0111, StunHeader.EncodeType(StunClass.ErrorResponse, StunMethod.Binding));
    }

    [TestMethod]
    public void TryParse_AndReading_AllocateNothing()
    {
        byte[] sample = SampleMessages.Request;
        byte[] key = StunCredentials.ShortTermKey(SampleMessages.ShortTermPassword);
        Read(sample, key);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) Read(sample, key);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Read(byte[] sample, byte[] key)
        {
            if (!StunMessage.TryParse(sample, out StunMessage message) || !StunIntegrity.Verify(message, key))
            {
                throw new InvalidOperationException("Integrity does not hold.");
            }
        }
    }

    private static string Text(in StunMessage message, StunAttributeType type) =>
        message.TryGet(type, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : "(absent)";

    private static void ReadAll(in StunMessage message)
    {
        foreach (StunAttributeView attribute in message)
        {
            message.TryGetAddress(attribute.Type, out _);
            message.TryGetXorAddress(attribute.Type, out _);
            message.TryGetUInt32(attribute.Type, out _);
            message.TryGetUInt64(attribute.Type, out _);
            PasswordAlgorithmAttribute.TryChoose(attribute.Value, out _);
            ChangeRequestAttribute.TryRead(attribute.Value, out _, out _);
        }

        message.TryGetErrorCode(out _);
        UnknownAttributes.Any(message, []);
    }
}
