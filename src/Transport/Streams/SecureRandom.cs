using System.Security.Cryptography;

namespace CS3103P2P.Transport;

/// <summary>Feeds machines that draw identifiers from a <see cref="Random"/> with what nobody can foresee.</summary>
internal sealed class SecureRandom : Random
{
    public override int Next(int maxValue) => maxValue <= 1 ? 0 : RandomNumberGenerator.GetInt32(maxValue);

    public override int Next() => RandomNumberGenerator.GetInt32(int.MaxValue);

    public override int Next(int minValue, int maxValue) => minValue == maxValue ? minValue : RandomNumberGenerator.GetInt32(minValue, maxValue);

    public override double NextDouble() => Sample();

    public override void NextBytes(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    protected override double Sample() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
