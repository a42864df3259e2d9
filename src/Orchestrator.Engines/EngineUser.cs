using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>The user of a cluster's section <c>auth</c>; empty texts where none is named.</summary>
internal sealed record EngineUser(string Name, string Password)
{
    private const string FileKey = "password-file";
    private const int LongestFile = 4096;

    public static EngineUser Read(IEngineSettings auth) =>
        new(auth.Has("user") ? auth.RequiredText("user") : "", auth.Has(FileKey) ? ReadFile(auth) : auth.Secret("password"));

    /// <summary>Half of user and password is an error of the settings.</summary>
    /// <param name="variable">The environment variable that the remedy names.</param>
    public void Check(IEngineSettings auth, string variable)
    {
        if (Name.Length == 0 && Password.Length > 0)
        {
            auth.Fail("user", "expected the user to whom the password belongs, found none", 0);
        }
        else if (Name.Length > 0 && Password.Length == 0)
        {
            auth.Fail("password", $"expected the password of user {Name}, found none; best given as ${{?{variable}}}, or by {FileKey}", 0);
        }
    }

    /// <summary>The file's text without the white space around it.</summary>
    private static string ReadFile(IEngineSettings auth)
    {
        var path = auth.FilePath(FileKey);
        if (auth.Has("password"))
        {
            return auth.Fail(FileKey, $"expected password or {FileKey}, found both", "-");
        }

        try
        {
            if (path.Length > 0)
            {
                RegularFile.Require(path);
                if (new FileInfo(path) is { Exists: true, Length: <= LongestFile } && File.ReadAllText(path).Trim() is { Length: > 0 } password)
                {
                    return password;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It cannot be read: that is what the error below says.
        }

        return auth.HasErrorAt(FileKey) ? "-" : auth.Fail(FileKey, $"expected a file with the password that can be read, of at most {LongestFile} bytes; {(path.Length > 0 ? path : "an empty text")} is none", "-");
    }
}
