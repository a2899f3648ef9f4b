package interop;

import java.io.IOException;
import java.net.ServerSocket;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;

/** A registry in this process, at a port that was free. */
record OwnRegistry(int port, Registry registry) {
  static OwnRegistry create() throws IOException {
    // The system knows free ports, but does not tell a registry's.
    while (true) {
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      try {
        return new OwnRegistry(port, LocateRegistry.createRegistry(port));
      } catch (RemoteException taken) {
        // Another took it between; the next one, then.
      }
    }
  }
}
