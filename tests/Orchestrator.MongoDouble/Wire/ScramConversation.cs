using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.MongoDouble.Wire;

/// <summary>The server's side of SCRAM (RFC 5802, RFC 7677) as MongoDB uses it.</summary>
internal sealed class ScramConversation(string mechanism, Func<string, string?> passwordOf)
{
    private const int Iterations = 4096;

    private readonly HashAlgorithmName _hash = mechanism == "SCRAM-SHA-1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(mechanism == "SCRAM-SHA-1" ? 16 : 28);
    private string _clientFirst = "";
    private string _serverFirst = "";
    private string _nonce = "";

    /// <summary>Those that a version has.</summary>
    public static IReadOnlyList<string> Mechanisms(DoubleVersion version) => version.Since(4, 0) ? ["SCRAM-SHA-1", "SCRAM-SHA-256"] : ["SCRAM-SHA-1"];

    public string User { get; private set; } = "";

    public bool IsDone { get; private set; }

    /// <summary>The server's answer; null if it refuses.</summary>
    public byte[]? Next(byte[] payload) => _serverFirst.Length == 0 ? First(payload) : IsDone ? [] : Final(payload);

    private byte[] First(byte[] payload)
    {
        var text = Encoding.UTF8.GetString(payload);
        _clientFirst = text[(text.IndexOf(",n=", StringComparison.Ordinal) + 1)..];
        var fields = Fields(_clientFirst);
        User = fields["n"].Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        _nonce = fields["r"] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_salt)},i={Iterations}";
        return Encoding.UTF8.GetBytes(_serverFirst);
    }

    private byte[]? Final(byte[] payload)
    {
        var text = Encoding.UTF8.GetString(payload);
        var fields = Fields(text);
        if (passwordOf(User) is not { } password || fields["r"] != _nonce)
        {
            return null;
        }

        var withoutProof = text[..text.LastIndexOf(",p=", StringComparison.Ordinal)];
        var message = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{withoutProof}");
        var length = _hash == HashAlgorithmName.SHA1 ? 20 : 32;
        var salted = Rfc2898DeriveBytes.Pbkdf2(Prepared(password), _salt, Iterations, _hash, length);
        var clientKey = Mac(salted, "Client Key"u8.ToArray());
        var signature = Mac(CryptographicOperations.HashData(_hash, clientKey), message);
        var proof = clientKey.Zip(signature, (key, sign) => (byte)(key ^ sign)).ToArray();
        if (!proof.SequenceEqual(Convert.FromBase64String(fields["p"])))
        {
            return null;
        }

        IsDone = true;
        return Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(Mac(Mac(salted, "Server Key"u8.ToArray()), message)));
    }

    /// <summary>SCRAM-SHA-1 takes the digest that MONGODB-CR stored.</summary>
    private byte[] Prepared(string password) => Encoding.UTF8.GetBytes(mechanism == "SCRAM-SHA-1" ? Digest(User, password) : password);

    public static string Digest(string user, string password) => Md5($"{user}:mongo:{password}");

    public static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    private byte[] Mac(byte[] key, byte[] data) => _hash == HashAlgorithmName.SHA1 ? HMACSHA1.HashData(key, data) : HMACSHA256.HashData(key, data);

    private static Dictionary<string, string> Fields(string text) =>
        text.Split(',').Where(part => part.Length > 1 && part[1] == '=').ToDictionary(part => part[..1], part => part[2..]);
}
