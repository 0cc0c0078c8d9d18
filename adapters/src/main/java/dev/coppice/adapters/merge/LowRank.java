package dev.coppice.adapters.merge;

import java.util.List;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * A matrix [rows, columns] as a product of factors, left [rows, rank] times right [rank, columns]. The product is not
 * formed: norms and truncations go through thin QR decompositions of the factors and the small core between them.
 * Float64 inside. Immutable.
 */
final class LowRank {
    /** Singular values below this part of the factors' norms are rounding. */
    private static final double ROUNDING = 1e-13;

    private final DMatrixRMaj left;
    private final DMatrixRMaj right;

    private LowRank(DMatrixRMaj left, DMatrixRMaj right) {
        this.left = left;
        this.right = right;
    }

    /** {@code scale * left right}, both row-major. */
    static LowRank of(float[] left, float[] right, int rank, double scale) {
        DMatrixRMaj l = matrix(left, left.length / rank, rank);
        CommonOps_DDRM.scale(scale, l);
        return new LowRank(l, matrix(right, rank, right.length / rank));
    }

    /** The sum of matrices of one shape; its rank is the sum of the ranks. */
    static LowRank sum(List<LowRank> terms) {
        return new LowRank(
                CommonOps_DDRM.concatColumnsMulti(
                        terms.stream().map(term -> term.left).toArray(DMatrixRMaj[]::new)),
                CommonOps_DDRM.concatRowsMulti(
                        terms.stream().map(term -> term.right).toArray(DMatrixRMaj[]::new)));
    }

    /** The mean of the left factors times the mean of the right factors, all of one rank. */
    static LowRank ofMeans(List<LowRank> terms, double[] shares) {
        DMatrixRMaj left =
                new DMatrixRMaj(terms.get(0).left.getNumRows(), terms.get(0).rank());
        DMatrixRMaj right =
                new DMatrixRMaj(terms.get(0).rank(), terms.get(0).right.getNumCols());
        for (int k = 0; k < shares.length; k++) {
            CommonOps_DDRM.addEquals(left, shares[k], terms.get(k).left);
            CommonOps_DDRM.addEquals(right, shares[k], terms.get(k).right);
        }
        return new LowRank(left, right);
    }

    LowRank times(double factor) {
        DMatrixRMaj scaled = left.copy();
        CommonOps_DDRM.scale(factor, scaled);
        return new LowRank(scaled, right);
    }

    LowRank plus(LowRank other) {
        return sum(List.of(this, other));
    }

    LowRank minus(LowRank other) {
        return plus(other.times(-1));
    }

    int rank() {
        return left.getNumCols();
    }

    /** Frobenius norm. */
    double norm() {
        return NormOps_DDRM.normF(new Core(this).matrix);
    }

    /**
     * The nearest matrix of at most this rank (Eckart and Young 1936), as {@code U S} times {@code V'}: the rows of the
     * right factor are orthonormal.
     */
    LowRank truncated(int rank) {
        Core core = new Core(this);
        return core.truncated(Math.min(rank, core.size()));
    }

    /** The same matrix with no more rank than it needs; empty if it is zero. */
    Optional<LowRank> findCompressed() {
        Core core = new Core(this);
        int rank = core.above(ROUNDING * NormOps_DDRM.normF(left) * NormOps_DDRM.normF(right));
        return rank == 0 ? Optional.empty() : Optional.of(core.truncated(rank));
    }

    /** The same matrix with a larger rank: zero columns left, and rows of {@code rows} right, where learning can go on. */
    LowRank padded(int rank, LowRank rows) {
        if (rank <= rank()) {
            return this;
        }
        DMatrixRMaj wider = new DMatrixRMaj(left.getNumRows(), rank);
        CommonOps_DDRM.insert(left, wider, 0, 0);
        DMatrixRMaj taller = new DMatrixRMaj(rank, right.getNumCols());
        CommonOps_DDRM.insert(right, taller, 0, 0);
        for (int row = rank(); row < rank; row++) {
            CommonOps_DDRM.insert(CommonOps_DDRM.extractRow(rows.right, row % rows.rank(), null), taller, row, 0);
        }
        return new LowRank(wider, taller);
    }

    /** The first so many columns left and rows right; zeros where there are fewer. */
    LowRank leading(int rank) {
        int kept = Math.min(rank, rank());
        DMatrixRMaj l = new DMatrixRMaj(left.getNumRows(), rank);
        DMatrixRMaj r = new DMatrixRMaj(rank, right.getNumCols());
        CommonOps_DDRM.extract(left, 0, left.getNumRows(), 0, kept, l, 0, 0);
        CommonOps_DDRM.extract(right, 0, kept, 0, right.getNumCols(), r, 0, 0);
        return new LowRank(l, r);
    }

    /** {@code factor * (left of mine)}, row-major, rounded. */
    float[] left(double factor) {
        return floats(left, factor);
    }

    float[] right() {
        return floats(right, 1);
    }

    /** The whole matrix, row-major, rounded. */
    float[] dense() {
        return floats(CommonOps_DDRM.mult(left, right, null), 1);
    }

    private static DMatrixRMaj matrix(float[] values, int rows, int columns) {
        DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < values.length; i++) {
            matrix.data[i] = values[i];
        }
        return matrix;
    }

    private static float[] floats(DMatrixRMaj matrix, double factor) {
        float[] values = new float[matrix.getNumElements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * matrix.data[i]);
        }
        return values;
    }

    /** {@code left right = Q_l (R_l R_r') Q_r'}: orthonormal columns outside, a small matrix inside. */
    private static final class Core {
        private final DMatrixRMaj leftBasis;
        private final DMatrixRMaj rightBasis;
        private final DMatrixRMaj matrix;

        Core(LowRank of) {
            QRDecomposition<DMatrixRMaj> l = qr(of.left.copy());
            QRDecomposition<DMatrixRMaj> r = qr(CommonOps_DDRM.transpose(of.right, null));
            this.leftBasis = l.getQ(null, true);
            this.rightBasis = r.getQ(null, true);
            this.matrix = CommonOps_DDRM.multTransB(l.getR(null, true), r.getR(null, true), null);
        }

        int size() {
            return Math.min(matrix.getNumRows(), matrix.getNumCols());
        }

        /** How many singular values are above this. */
        int above(double least) {
            SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(false);
            int count = 0;
            for (int i = 0; i < svd.numberOfSingularValues(); i++) {
                count += svd.getSingularValues()[i] > least ? 1 : 0;
            }
            return count;
        }

        LowRank truncated(int rank) {
            SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(true);
            DMatrixRMaj u = CommonOps_DDRM.mult(leftBasis, svd.getU(null, false), null);
            DMatrixRMaj v = CommonOps_DDRM.mult(rightBasis, svd.getV(null, false), null);
            double[] values = svd.getSingularValues();
            SingularOps_DDRM.descendingOrder(u, false, values, svd.numberOfSingularValues(), v, false);
            DMatrixRMaj left = new DMatrixRMaj(u.getNumRows(), rank);
            DMatrixRMaj right = new DMatrixRMaj(rank, v.getNumRows());
            for (int k = 0; k < rank; k++) {
                double sign = signOfLargest(v, k);
                for (int i = 0; i < u.getNumRows(); i++) {
                    left.set(i, k, sign * values[k] * u.get(i, k));
                }
                for (int j = 0; j < v.getNumRows(); j++) {
                    right.set(k, j, sign * v.get(j, k));
                }
            }
            return new LowRank(left, right);
        }

        /** Singular vectors are known up to their sign only; this fixes it, so that equal products give equal factors. */
        private static double signOfLargest(DMatrixRMaj v, int column) {
            double largest = 0;
            for (int i = 0; i < v.getNumRows(); i++) {
                largest = Math.abs(v.get(i, column)) > Math.abs(largest) ? v.get(i, column) : largest;
            }
            return largest < 0 ? -1 : 1;
        }

        private SingularValueDecomposition_F64<DMatrixRMaj> svd(boolean vectors) {
            SingularValueDecomposition_F64<DMatrixRMaj> svd =
                    DecompositionFactory_DDRM.svd(matrix.getNumRows(), matrix.getNumCols(), vectors, vectors, true);
            if (!svd.decompose(matrix.copy())) {
                throw new ArithmeticException("a singular value decomposition did not converge");
            }
            return svd;
        }

        /** What {@code decompose} answers is left aside: false means a singular matrix, for which Q and R hold as well. */
        @SuppressWarnings("CheckReturnValue")
        private static QRDecomposition<DMatrixRMaj> qr(DMatrixRMaj matrix) {
            QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(matrix.getNumRows(), matrix.getNumCols());
            qr.decompose(matrix);
            return qr;
        }
    }
}
