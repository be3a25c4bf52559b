using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Transport.Tests.Utp;

[TestClass]
public sealed class UtpPacketTests
{
    private static readonly UtpHeader Sample = new(UtpPacketType.State, 0x1234, 0xA1B2C3D4, 0x01020304, 0x00100000, 0xFFFF, 0x0001);

    [TestMethod]
    public void Write_OfAHeader_IsTheLayoutOfBep29()
    {
        byte[] bytes = new byte[UtpHeader.SizeInBytes];
        Sample.Write(bytes, UtpPacket.SelectiveAckExtension);
        Assert.AreEqual("21011234A1B2C3D40102030400100000FFFF0001", Convert.ToHexString(bytes));
    }

    [TestMethod]
    public void TryParse_OfAnExtensionChain_FindsTheMaskAndSkipsTheUnknown()
    {
        byte[] datagram = [.. Header(2), 1, 3, 9, 9, 9, 0x70, 4, 1, 2, 3, 4, 0, 0, .. "payload"u8];
        Assert.IsTrue(UtpPacket.TryParse(datagram, out UtpPacket packet));
        Assert.AreEqual(Sample, packet.Header);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, packet.SelectiveAck.ToArray());
        CollectionAssert.AreEqual("payload"u8.ToArray(), packet.Payload.ToArray());
    }

    [TestMethod]
    public void TryParse_OfEveryTruncation_FailsWithinHeaderAndExtensions()
    {
        byte[] datagram = [.. Header(1), 0x70, 4, 1, 2, 3, 4, 0, 3, 7, 7, 7];
        for (int length = 0; length < datagram.Length; length++)
        {
            Assert.IsFalse(UtpPacket.TryParse(datagram.AsSpan(0, length), out _), $"{length} bytes");
        }

        Assert.IsTrue(UtpPacket.TryParse(datagram, out _));
    }

    [TestMethod]
    [DataRow((byte)0x22)]
    [DataRow((byte)0x20)]
    [DataRow((byte)0x51)]
    [DataRow((byte)0xF1)]
    public void TryParse_OfAnotherVersionOrType_Fails(byte first)
    {
        byte[] datagram = Header(0);
        datagram[0] = first;
        Assert.IsFalse(UtpPacket.TryParse(datagram, out _));
    }

    [TestMethod]
    public void TryParse_OfMutations_NeverThrowsAndKeepsWithinTheDatagram()
    {
        const int Seed = 20;
        var random = new Random(Seed);
        byte[] original = [.. Header(1), 0x70, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 200, .. new byte[200], .. new byte[100]];
        for (int i = 0; i < 50_000; i++)
        {
            byte[] datagram = original[..random.Next(original.Length + 1)];
            for (int flips = random.Next(4); flips > 0 && datagram.Length > 0; flips--)
            {
                datagram[random.Next(Math.Min(datagram.Length, 40))] = (byte)random.Next(256);
            }

            if (!UtpPacket.TryParse(datagram, out UtpPacket packet)) continue;
            Assert.IsLessThanOrEqualTo(datagram.Length - UtpHeader.SizeInBytes, packet.Payload.Length + packet.SelectiveAck.Length, $"seed {Seed}");
        }
    }

    [TestMethod]
    public void WritePadding_OfEverySize_IsSkippedByTheParser()
    {
        for (int padding = UtpPacket.ExtensionPrefixBytes; padding < 1_200; padding++)
        {
            byte[] datagram = [.. Header(UtpPacket.PaddingExtension), .. new byte[padding], 42];
            UtpPacket.WritePadding(datagram.AsSpan(UtpHeader.SizeInBytes, padding));
            Assert.IsTrue(UtpPacket.TryParse(datagram, out UtpPacket packet), $"{padding} bytes");
            Assert.AreEqual(1, packet.Payload.Length, $"{padding} bytes");
        }
    }

    [TestMethod]
    [DataRow((ushort)0, (ushort)1, 1)]
    [DataRow((ushort)65_535, (ushort)0, 1)]
    [DataRow((ushort)2, (ushort)65_534, -4)]
    [DataRow((ushort)10, (ushort)10, 0)]
    public void Distance_WrapsAt16Bits(ushort from, ushort to, int expected) => Assert.AreEqual(expected, SequenceNumber.Distance(from, to));

    private static byte[] Header(byte extension)
    {
        byte[] bytes = new byte[UtpHeader.SizeInBytes];
        Sample.Write(bytes, extension);
        return bytes;
    }
}
