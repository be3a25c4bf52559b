using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CS3103P2P.Stun;

/// <summary>A user of a TURN server.</summary>
/// <param name="Username">The name.</param>
/// <param name="Password">The password.</param>
public sealed record TurnCredentials(string Username, string Password)
{
    /// <summary>Longest user name that is looked at, in characters.</summary>
    public const int MaxUsernameLength = 256;

    /// <summary>
    /// Makes a user who exists until a point in time, without the server having to be told: the name is <c>expiry:user</c> and the
    /// password base64 of HMAC-SHA1 of the name under a secret shared with the server (draft-uberti-behave-turn-rest, coturn's use-auth-secret).
    /// </summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="user">Any name without a colon.</param>
    /// <param name="expiresAtUnixSeconds">The end of validity, in seconds since 1970.</param>
    public static TurnCredentials CreateEphemeral(string secret, string user, long expiresAtUnixSeconds)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentNullException.ThrowIfNull(user);
        string username = string.Create(CultureInfo.InvariantCulture, $"{expiresAtUnixSeconds}:{user}");
        return new TurnCredentials(username, PasswordOf(secret, username));
    }

    /// <summary>Finds the password of such a user; false when the name is malformed or has expired.</summary>
    internal static bool TryGetEphemeralPassword(string secret, string username, long nowUnixSeconds, [NotNullWhen(true)] out string? password)
    {
        password = null;
        int colon = username.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> expiry = colon < 0 ? username : username.AsSpan(0, colon);
        if (username.Length > MaxUsernameLength || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out long expiresAt)) return false;
        if (expiresAt <= nowUnixSeconds) return false;
        password = PasswordOf(secret, username);
        return true;
    }

    [SuppressMessage("Security", "CA5350", Justification = "The algorithm is the protocol's.")]
    private static string PasswordOf(string secret, string username) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
}
