using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Stun;

/// <summary>Keys of STUN's two credential mechanisms (RFC 8489 §9.1 and §9.2).</summary>
/// <remarks>Names and passwords are taken as they are: the OpaqueString profile (RFC 8265 §4.2) changes no ASCII text.</remarks>
public static class StunCredentials
{
    /// <summary>The key of a short-term credential, such as an ICE password (§9.1.1).</summary>
    public static byte[] ShortTermKey(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return Encoding.UTF8.GetBytes(password);
    }

    /// <summary>The key of a long-term credential under the algorithm MD5 (§9.2.2), which servers of RFC 5389 and 5766 use.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "The algorithm is the protocol's.")]
    public static byte[] LongTermKey(string username, string realm, string password) =>
        MD5.HashData(Encoding.UTF8.GetBytes($"{username}:{realm}:{password}"));

    /// <summary>The key of a long-term credential under the algorithm SHA-256 (§18.5.1.2).</summary>
    public static byte[] LongTermKeySha256(string username, string realm, string password) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{username}:{realm}:{password}"));

    /// <summary>The value of USERHASH, which hides the user's name (§14.4).</summary>
    public static byte[] UserHash(string username, string realm) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{username}:{realm}"));
}
