using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>The user of a cluster's section <c>auth</c>; empty texts where none is named.</summary>
internal sealed record EngineUser(string Name, string Password)
{
    public static EngineUser Read(IEngineSettings auth) => new(auth.Has("user") ? auth.RequiredText("user") : "", auth.Secret("password"));

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
            auth.Fail("password", $"expected the password of user {Name}, found none; best given as ${{?{variable}}}", 0);
        }
    }
}
