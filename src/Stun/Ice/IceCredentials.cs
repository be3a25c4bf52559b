using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Stun.Ice;

/// <summary>A user name fragment and password (RFC 8445 §5.3), which sign the checks towards the agent that made them. Signing is for one loop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Credentials are values that many share; the hash's handle frees itself.")]
public sealed record IceCredentials
{
    /// <summary>Shortest fragment, in characters: 24 bits of randomness.</summary>
    public const int MinFragmentLength = 4;

    /// <summary>Longest fragment that this product takes, in characters.</summary>
    public const int MaxFragmentLength = 32;

    /// <summary>Shortest password, in characters: 128 bits of randomness.</summary>
    public const int MinPasswordLength = 22;

    /// <summary>Longest password that this product takes, in characters.</summary>
    public const int MaxPasswordLength = 48;

    private readonly byte[] _key;
    private IncrementalHash? _hmac;

    /// <summary>Makes credentials of what a secure generator gave.</summary>
    /// <exception cref="ArgumentException">A length is out of range, or a character is none of RFC 8839's ice-char (letters, digits, + and /).</exception>
    public IceCredentials(string fragment, string password)
    {
        if (!IsText(fragment, MinFragmentLength, MaxFragmentLength)) throw new ArgumentException("Not a user name fragment.", nameof(fragment));
        if (!IsText(password, MinPasswordLength, MaxPasswordLength)) throw new ArgumentException("Not a password.", nameof(password));
        Fragment = fragment;
        Password = password;
        _key = Encoding.ASCII.GetBytes(password);
    }

    /// <summary>The user name fragment.</summary>
    public string Fragment { get; }

    /// <summary>The password.</summary>
    public string Password { get; }

    /// <summary>The HMAC under the password. Each check needs one; to set one up takes longer than to compute it.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The algorithm is the protocol's.")]
    internal IncrementalHash Hmac => _hmac ??= IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, _key);

    /// <summary>Whether both are of the right length and alphabet.</summary>
    internal static bool IsValid(ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> password) =>
        fragment.Length is >= MinFragmentLength and <= MaxFragmentLength
        && password.Length is >= MinPasswordLength and <= MaxPasswordLength
        && AreIceCharacters(fragment)
        && AreIceCharacters(password);

    private static bool AreIceCharacters(ReadOnlySpan<byte> text)
    {
        foreach (byte c in text)
        {
            if (!IsIceCharacter((char)c)) return false;
        }

        return true;
    }

    private static bool IsText(string? text, int min, int max) => text is not null && text.Length >= min && text.Length <= max && text.All(IsIceCharacter);

    private static bool IsIceCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/';
}
