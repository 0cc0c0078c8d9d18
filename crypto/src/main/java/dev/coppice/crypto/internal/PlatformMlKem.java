package dev.coppice.crypto.internal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.SecretKey;

/**
 * The virtual machine's own: Java 24 and later. Its door, {@code javax.crypto.KEM}, came with Java 21, so that code for
 * Java 17 reaches it through handles.
 */
final class PlatformMlKem implements MlKem {
    private static final String NAME = "ML-KEM-768";

    private final PlatformKeys keys;
    private final MethodHandle instance;
    private final MethodHandle newEncapsulator;
    private final MethodHandle newDecapsulator;
    private final MethodHandle encapsulate;
    private final MethodHandle decapsulate;
    private final MethodHandle secretOf;
    private final MethodHandle ciphertextOf;

    PlatformMlKem() throws ReflectiveOperationException, GeneralSecurityException {
        keys = new PlatformKeys(NAME, SEED_BYTES, PUBLIC_BYTES, SECRET_BYTES);
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> kem = Class.forName("javax.crypto.KEM");
        Class<?> encapsulator = Class.forName("javax.crypto.KEM$Encapsulator");
        Class<?> decapsulator = Class.forName("javax.crypto.KEM$Decapsulator");
        Class<?> encapsulated = Class.forName("javax.crypto.KEM$Encapsulated");
        instance = lookup.findStatic(kem, "getInstance", MethodType.methodType(kem, String.class))
                .bindTo(NAME);
        newEncapsulator = lookup.findVirtual(
                kem,
                "newEncapsulator",
                MethodType.methodType(encapsulator, PublicKey.class, AlgorithmParameterSpec.class, SecureRandom.class));
        newDecapsulator =
                lookup.findVirtual(kem, "newDecapsulator", MethodType.methodType(decapsulator, PrivateKey.class));
        encapsulate = lookup.findVirtual(encapsulator, "encapsulate", MethodType.methodType(encapsulated));
        decapsulate =
                lookup.findVirtual(decapsulator, "decapsulate", MethodType.methodType(SecretKey.class, byte[].class));
        secretOf = lookup.findVirtual(encapsulated, "key", MethodType.methodType(SecretKey.class));
        ciphertextOf = lookup.findVirtual(encapsulated, "encapsulation", MethodType.methodType(byte[].class));
    }

    @Override
    public byte[] publicKey(byte[] seed) {
        return keys.publicKey(keys.pair(seed));
    }

    @Override
    public byte[] expand(byte[] seed) {
        return keys.secretKey(keys.pair(seed));
    }

    @Override
    public byte[] encapsulate(byte[] publicKey, byte[] random, byte[] shared) throws InvalidKeyException {
        MlKem.checkPublic(publicKey);
        PublicKey key = keys.publicKey(publicKey);
        Object made = call(() ->
                encapsulate.invoke(newEncapsulator.invoke(instance.invoke(), key, null, new FixedRandom(random))));
        byte[] secret = ((SecretKey) call(() -> secretOf.invoke(made))).getEncoded();
        System.arraycopy(secret, 0, shared, 0, SHARED_BYTES);
        return (byte[]) call(() -> ciphertextOf.invoke(made));
    }

    @Override
    public byte[] decapsulate(byte[] secret, byte[] ciphertext) throws InvalidKeyException {
        MlKem.checkSecret(secret, ciphertext);
        PrivateKey key = keys.secretKey(secret);
        return ((SecretKey) call(() -> decapsulate.invoke(newDecapsulator.invoke(instance.invoke(), key), ciphertext)))
                .getEncoded();
    }

    private interface Call {
        Object make() throws Throwable;
    }

    private static Object call(Call call) throws InvalidKeyException {
        try {
            return call.make();
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("Not usable with ML-KEM-768", e);
        } catch (Error | RuntimeException e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
